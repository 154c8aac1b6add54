"""Judging a machine is pure: a case is a machine and the findings it must lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import doctor, findings, machine
from bootstrap.bundle import net, outlook
from bootstrap.errors import catalogue
from bootstrap.finding import Finding, State
from bootstrap.findings import Wanted
from bootstrap.machine import ContainerEngine, Disk, Machine, engine_of
from bootstrap.model import Requirements

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases/doctor.yaml").read_text())
PROFILES = {"small": Requirements(2, 4, 12), "default": Requirements(2, 6, 16)}
GOOD_ENGINE = {"version": "28.1.0", "cpus": 4, "memory_gib": 8.0, "buildx": "0.23", "root": "/var/lib/docker"}
GOOD = {"memory_available_gib": 7.0, "inotify_watches": 524288, "inotify_instances": 512}


def judged(case: dict[str, Any]) -> tuple[Finding, ...]:
    facts = {**GOOD, **{k: v for k, v in case.items() if k in Machine.__dataclass_fields__}}
    facts["engine"] = ContainerEngine(**{**GOOD_ENGINE, **case.get("engine", {})})
    disks = case.get("disks", [{"purpose": "images", "path": "/var/lib/docker", "free_gib": 40}])
    facts["disks"] = tuple(Disk(**disk) for disk in disks)
    facts["busy_ports"] = frozenset(case.get("busy_ports", []))
    size = case.get("size", "default")
    return findings.judge(
        Machine(**facts),
        Wanted(
            size,
            PROFILES[size],
            profiles=PROFILES,
            https_port=case.get("https_port", 0),
            existing=case.get("existing", False),
        ),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_findings(case: dict[str, Any]) -> None:
    found = {f.code: f for f in judged(case) if f.state is not State.OK}
    assert {code: f.state.value for code, f in found.items()} == {
        code: expected[0] for code, expected in case["findings"].items()
    }
    for code, (_, detail, remedy) in case["findings"].items():
        assert detail in found[code].detail
        assert remedy in found[code].remedy


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_finding_is_in_the_catalogue_and_has_a_remedy(case: dict[str, Any]) -> None:
    for finding in judged(case):
        assert finding.code in catalogue()
        assert finding.detail
        assert (finding.state is State.OK) != bool(finding.remedy)


def test_the_size_that_fits() -> None:
    def size_for(memory_gib: float) -> str:
        engine = ContainerEngine(version="28", cpus=2, memory_gib=memory_gib)
        return findings.fitting_size(Machine(engine), PROFILES)

    assert [size_for(m) for m in (16, 6, 5.5, 5, 4, 1)] == ["default"] * 3 + ["small"] * 3


def test_a_refusal_holds_every_fault_and_one_command_where_one_helps() -> None:
    little = doctor.refusal(judged({"engine": {"memory_gib": 4.5}}))
    assert (little.code, little.fix) == ("IDP-D000", "idp up --local --size small")
    worse = doctor.refusal(judged({"engine": {"memory_gib": 1, "cpus": 1}}))
    assert (len(worse.faults), worse.fix) == (2, "idp doctor")


def test_report_is_plain_where_no_terminal_is() -> None:
    assert doctor.report(judged({"engine": {"cpus": 1}}))[:4] == [
        "ok    container engine: Docker 28.1.0",
        "FAIL  CPUs: 1; size `default` needs 2",
        "      To fix this: give the engine more CPUs",
        "      More about it: idp explain IDP-D004",
    ]


def test_an_examination_asks_every_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []
    monkeypatch.setenv("IDP_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(machine, "look", lambda ports: Machine(ContainerEngine(**GOOD_ENGINE)))  # type: ignore[arg-type]
    monkeypatch.setattr(net, "answers", lambda url: bool(asked.append(url)))  # type: ignore[func-returns-value]
    monkeypatch.setattr(outlook, "_apt_mirrors", list)
    found = {finding.code: finding for finding in doctor.examine("idp", "reference", "small")}
    assert any("docker.io" in url for url in asked)
    assert found["IDP-D012"].state is State.FAIL
    assert found["IDP-D005"].detail == "8.0 GiB; size `small` needs 4 GiB"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            {
                "ServerVersion": "28.1.0",
                "NCPU": 4,
                "MemTotal": 8 * 2**30,
                "DockerRootDir": "/d",
                "CgroupVersion": "2",
                "SecurityOptions": ["name=rootless"],
                "ClientInfo": {"Plugins": [{"Name": "buildx", "Version": "v0.23"}]},
            },
            ContainerEngine(version="28.1.0", cpus=4, memory_gib=8, root="/d", rootless=True, buildx="v0.23"),
        ),
        ({"host": {}, "version": {"Version": "5.4"}}, ContainerEngine(kind="podman", version="5.4")),
        ({"ServerErrors": ["permission denied"]}, ContainerEngine(trouble="permission denied")),
        ({}, ContainerEngine(trouble="said on stderr")),
    ],
)
def test_what_the_engine_says(answer: dict[str, Any], expected: ContainerEngine) -> None:
    assert engine_of(answer, "said on stderr") == expected
