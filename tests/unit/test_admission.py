"""Where only images of the bundle may run: which those are, where that holds, and that all of ours are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import admitting, paths, plan, preview, render
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.sources import Source
from bootstrap.errors import IdpError
from bootstrap.model import Plan, Target
from bootstrap.progress import silent

FACTS = {"domain": "idp.example.org", "registry": "registry.example.org/idp"}
DIGEST = re.compile(r"@sha256:([0-9a-f]{64})$")


def planned(admission: str = "signed", stack: str = "reference", **more: str) -> Plan:
    told = {**FACTS, **more, "admission": admission} if admission else FACTS
    return plan.load(stack, Target("existing", "t", context="c", facts=told))


def in_the_cloud(stack: str = "reference", profile: str = "") -> Plan:
    return plan.load(stack, Target("cloud", "t"), profile=profile, domain=FACTS["domain"])


def references(value: Plan) -> dict[str, str]:
    """A digest of its own for every image."""
    return {
        name: reference.rpartition("@")[0] + f"@sha256:{number:064x}"
        for number, (name, reference) in enumerate(preview.unbuilt(value).items(), start=1)
    }


def objects(value: Plan, package: str = "admission") -> list[dict[str, Any]]:
    manifests = render.package(value, value.package(package), references(value))
    return list(render.documents(manifests))


@pytest.mark.parametrize(("admission", "there"), [("signed", True), ("any", False), ("", False)])
@pytest.mark.parametrize("stack", ["reference", "minimal"])
def test_it_is_there_only_where_the_target_says_so(stack: str, admission: str, there: bool) -> None:
    assert planned(admission, stack).has("admission") is there


@pytest.mark.parametrize("profile", ["", "workshop", "team", "production"])
@pytest.mark.parametrize("stack", ["reference", "minimal"])
def test_the_cloud_lets_only_signed_images_run(stack: str, profile: str) -> None:
    value = in_the_cloud(stack, profile)
    assert value.facts.admission == admitting.SIGNED
    assert value.has("admission")


def test_a_profile_may_say_otherwise(tmp_path: Path) -> None:
    definition = yaml.safe_load((paths.stacks() / "reference.yaml").read_text())
    definition["cloud"]["profiles"]["team"]["admission"] = "any"
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump(definition))
    value = in_the_cloud(str(own))
    assert value.facts.admission == "any"
    assert not value.has("admission")


def test_another_word_is_refused() -> None:
    with pytest.raises(IdpError) as caught:
        planned("singed", signer="signing.pub")
    assert caught.value.faults == [
        "fact `admission`: `singed` is neither `any` nor `signed`",
        "fact `signer`: `signing.pub` does not name a key in KMS (awskms:///ARN)",
    ]


def test_the_list_holds_every_digest_of_the_bundle_and_what_the_stack_adds() -> None:
    value = planned()
    listed, *_ = objects(value)
    wanted = {found[1]: name for name, r in references(value).items() if (found := DIGEST.search(r))}
    assert listed["data"] == wanted
    assert len(wanted) == len({image.name for image in value.images}) > 10

    admission = value.package("admission")
    more = {"f" * 64: "the model server of the search team"}
    manifests = render.package(
        value, _with(admission, settings={**admission.settings, "also": more}), references(value)
    )
    assert next(render.documents(manifests))["data"] == wanted | more


def _with(package: Any, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(package, **changes)


@pytest.mark.parametrize("value", [planned(), in_the_cloud()], ids=["existing", "cloud"])
def test_what_every_package_runs_is_in_the_list(value: Plan) -> None:
    listed = objects(value)[0]["data"]
    images = {
        (package.name, image)
        for package in value.packages
        for document in objects(value, package.name)
        for image in images_in(document)
    }
    assert len(images) >= 10
    unknown = [each for each in images if not (found := DIGEST.search(each[1])) or found[1] not in listed]
    assert unknown == []


def images_in(document: Any) -> Iterator[str]:
    """What containers anywhere in a document run."""
    if isinstance(document, Mapping):
        for key in ("containers", "initContainers"):
            for container in document.get(key) or []:
                if isinstance(container, Mapping) and "image" in container:
                    yield container["image"]
        for inner in document.values():
            yield from images_in(inner)
    elif isinstance(document, list):
        for inner in document:
            yield from images_in(inner)


def test_what_delivers_the_list_does_not_depend_on_it() -> None:
    value = planned()
    policy = objects(value)[1]
    where = policy["spec"]["matchConditions"][0]["expression"]
    inside = {namespace for namespace in value.namespaces if f'"{namespace}"' in where}
    assert inside == {p.namespace for p in value.packages if not p.bootstrap}
    assert {"argocd", "gitea"}.isdisjoint(inside)
    assert "kube-system" not in inside
    assert "mlflow" in inside
    assert "startsWith('ml-')" in where


def test_what_one_bundle_let_run_is_its_own_entry_so_that_the_next_adds_to_it() -> None:
    value = planned()
    listed = admitting.admitted(value, {"web": f"registry.example.org/idp/web@sha256:{'a' * 64}"})
    policy = objects(value)[0]
    assert listed["metadata"].items() <= policy["metadata"].items()
    assert listed["data"] == {"a" * 64: "web"}


def test_a_cluster_that_lets_anything_run_is_not_even_asked() -> None:
    lock = Lock("reference", "linux/amd64", Source.PACKAGES, ())
    admitting.admit_bundle(planned("any"), lock, silent())
