"""What is written down of a promotion, and what has to hold before one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from bootstrap.errors import IdpError
from bootstrap.giteareviews import Review
from bootstrap.model import Edge
from bootstrap.promotion import carrying, gate, record
from bootstrap.promotion.proposal import continued
from bootstrap.promotion.record import Commits, Model, Person, Record, Refs, Side, State, Verdict

ENTRY = Record(
    id="20261126T134510Z-laptop",
    state=State.DONE,
    source=Side(name="laptop", domain="laptop.localhost", cluster="1-2", commit="4f"),
    target=Side(name="staging", domain="idp.example.org"),
    by=Person(name="Jane Döe", email="jane@example.org"),
    begun="2026-11-26T13:45:10Z",
    finished="2026-11-26T13:46:02Z",
    platform={"idp/platform": Commits(before="1a", after="2b")},
    repositories={"ml/iris": Refs(after={"refs/heads/main": "3c"}, new=True)},
    images={"ml-runtime": "sha256:1"},
    services=("iris-api",),
    models={"iris": Model(versions={"1": "ab"}, aliases={"candidate": "1"}, new=True)},
    checks=(Verdict(name="healthy", passed=True, detail="12 applications"),),
)


def test_a_record_survives_its_file() -> None:
    assert record.parsed(record.text(ENTRY).encode()) == ENTRY


def test_a_record_has_the_keys_that_the_portal_reads() -> None:
    found = yaml.safe_load(record.text(ENTRY))
    assert found["from"] == {"name": "laptop", "domain": "laptop.localhost", "cluster": "1-2", "commit": "4f"}
    assert found["to"]["name"] == "staging"
    assert found["state"] == "done"
    assert found["platform"]["idp/platform"] == {"before": "1a", "after": "2b"}
    assert found["repositories"]["ml/iris"] == {"after": {"refs/heads/main": "3c"}, "new": True}
    assert found["checks"] == [{"name": "healthy", "passed": True, "detail": "12 applications"}]
    assert "rolled_back" not in found


@pytest.mark.parametrize("spoilt", [b"", b"[", b"- a", b"{id: x}", b"id: [1]"])
def test_a_spoilt_record_is_none(spoilt: bytes) -> None:
    assert record.parsed(spoilt) is None


def test_ids_sort_by_time() -> None:
    times = ["2026-11-26T13:45:10Z", "2026-11-26T13:45:11Z", "2027-01-01T00:00:00Z"]
    ids = [record.new_id("a", at) for at in times]
    assert ids == sorted(ids)


def test_a_promotion_that_goes_on_remembers_how_it_was_before_it_began() -> None:
    begun = ENTRY.but(
        state=State.BEGUN,
        files={"idp/deployments": ("iris-api.yaml",)},
        repositories={
            "ml/iris": Refs(after={"refs/heads/main": "3c"}, new=True),
            "ml/web": Refs(before={"refs/heads/main": "1"}, after={"refs/heads/main": "2"}),
        },
    )
    now = ENTRY.but(
        id="later",
        platform={"idp/platform": Commits(before="2b")},
        repositories={
            "ml/iris": Refs(before={"refs/heads/main": "3c"}, after={"refs/heads/main": "4d"}),
            "ml/web": Refs(before={"refs/heads/main": "2"}, after={"refs/heads/main": "3"}),
        },
        files={"idp/deployments": ("web.yaml", "iris-api.yaml"), "idp/catalog": ("a",)},
        services=("web",),
    )
    found = continued(begun, now)
    assert found.id == begun.id
    assert found.platform["idp/platform"].before == "1a"
    assert found.repositories["ml/iris"] == Refs(before={}, after={"refs/heads/main": "4d"}, new=True)
    assert found.repositories["ml/web"] == Refs(
        before={"refs/heads/main": "1"}, after={"refs/heads/main": "3"}
    )
    assert found.services == ("iris-api", "web")
    assert found.files == {"idp/catalog": ("a",), "idp/deployments": ("iris-api.yaml", "web.yaml")}


def test_a_promotion_that_goes_on_waits_for_what_it_brought_before_it_was_ended() -> None:
    """By then nothing is left to move, and all of it may still not run."""
    nothing = ENTRY.but(id="later", repositories={}, services=())
    assert carrying.heads(continued(ENTRY, nothing)) == {"ml/iris": "3c"}
    assert continued(ENTRY, nothing).services == ("iris-api",)


EDGES = (Edge("laptop-*", "staging"), Edge("staging", "production", ("healthy",), "platform-team"))


@pytest.mark.parametrize(
    ("source", "target", "checks"),
    [
        ("laptop-jane", "staging", ()),
        ("staging", "production", ("healthy",)),
        ("production", "anywhere", ()),  # nobody said anything about that
    ],
)
def test_the_way_says_what_is_required(source: str, target: str, checks: tuple[str, ...]) -> None:
    assert gate.edge(EDGES, source, target).checks == checks


@pytest.mark.parametrize(("source", "target"), [("laptop-jane", "production"), ("other", "staging")])
def test_a_target_that_is_listed_takes_no_other_way(source: str, target: str) -> None:
    with pytest.raises(IdpError, match="IDP-M015"):
        gate.edge(EDGES, source, target)


def application(name: str, sync: str = "Synced", health: str = "Healthy") -> dict[str, Any]:
    status = {"sync": {"status": sync}, "health": {"status": health}}
    return {"metadata": {"name": name}, "status": status}


def run(namespace: str, at: str, phase: str) -> dict[str, Any]:
    metadata = {"name": f"{namespace}-{at}", "namespace": namespace, "creationTimestamp": at}
    return {"metadata": metadata, "status": {"phase": phase}}


SEEN = gate.Seen(
    [application("web")], [run("ml-a", "1", "Failed"), run("ml-a", "2", "Succeeded")], lambda: []
)


def test_all_checks_that_fail_are_named_at_once() -> None:
    ill = gate.Seen(
        [application("web", health="Degraded")], [run("ml-a", "2", "Failed")], lambda: ["x: unsigned"]
    )
    with pytest.raises(IdpError, match="IDP-M016") as caught:
        gate.check(Edge("a", "b", ("healthy", "tests", "signed")), ill)
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["healthy", "tests", "signed"]
    assert "ml-a-2 Failed" in caught.value.faults[1]


def test_the_newest_run_counts_and_what_passed_is_written_down() -> None:
    verdicts = gate.check(Edge("a", "b", ("healthy", "tests", "signed")), SEEN)
    assert [(v.name, v.passed) for v in verdicts] == [("healthy", True), ("tests", True), ("signed", True)]
    assert gate.check(Edge("a", "b"), SEEN) == ()


REVIEW = Review("ann", "Ann", "ann@example.org", "2026-11-26T14:00:00Z", "https://x", approves=True)
JANE = Person(name="Jane", email="Jane@example.org")


@pytest.mark.parametrize(
    ("reviews", "agreed"),
    [
        ([REVIEW], True),
        ([], False),
        ([replace(REVIEW, login="stranger")], False),
        ([replace(REVIEW, email="jane@example.org")], False),  # whoever asks does not answer
        ([REVIEW, replace(REVIEW, login="bob", approves=False)], False),
        ([REVIEW, replace(REVIEW, login="stranger", approves=False)], True),
    ],
)
def test_somebody_else_who_is_entitled_has_to_agree(reviews: list[Review], agreed: bool) -> None:
    found = gate.consent(reviews, {"ann", "bob"}, JANE)
    assert (found is not None) == agreed
    if found:
        assert found.by == Person(name="Ann", email="ann@example.org")
