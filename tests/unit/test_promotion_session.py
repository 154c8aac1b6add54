"""Two platforms in memory, brought up by what idp renders, and how they differ after this and that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap import access, bundle, cli, gitops, instance, recall, tree
from bootstrap import plan as planning
from bootstrap.bundle.lock import Lock, LockedImage
from bootstrap.bundle.recipes import Role
from bootstrap.bundle.sources import Source
from bootstrap.errors import DIFFERENT, READY, IdpError
from bootstrap.instance import Instance
from bootstrap.model import Plan
from bootstrap.progress import silent
from bootstrap.promotion import desired, reading, session
from bootstrap.promotion.comparison import applied, compare
from bootstrap.promotion.difference import Difference, Relation
from stacks.engine import Place
from tests.unit.fakegitea import FakeGitea

#: A platform elsewhere: other addresses, another registry, a size of its own, and a package more.
FACTS = {
    "domain": "b.example.org",
    "registry": "r.example.org/idp",
    "storage_class": "fast",
    "secrets": "aws-secrets-manager",
}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: iris, namespace: argocd}
spec:
  source: {kustomize: {images: ["idp.local/ml-runtime@sha256:1"]}}
  info: [{name: url, value: "https://iris.a.localhost:8443"}]
"""
COMMIT = {"x": b"1"}


class Standing:
    """An engine whose target tells what is recorded of it."""

    def locate(self, plan: Plan) -> Place:
        return Place(facts=dict(plan.target.facts))


class FakeCluster:
    """A cluster in which Argo CD says this of its Applications."""

    def __init__(self, syncs: dict[str, str]) -> None:
        self.syncs = syncs

    def list(self, kind: str) -> list[dict[str, Any]]:
        return [
            {"metadata": {"name": name}, "status": {"sync": {"status": sync}, "health": {}}}
            for name, sync in self.syncs.items()
        ]

    def __enter__(self) -> FakeCluster:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Two:
    """The platforms `a` and `b` with one lock, as two runs of `up` would have left them."""

    def __init__(self) -> None:
        self.git = {name: FakeGitea() for name in "ab"}
        self.syncs = {name: {"gitea": "Synced"} for name in "ab"}
        self.lent: dict[str, str] = {}
        for name in "ab":
            git = self.git[name]
            readme = tree.recorded({"README.md": b"x"})
            git.repository("idp/deployments").commit(readme)
            git.repository("idp/governance").commit({"decided": name.encode()})
            git.repository("ml/iris").commit(COMMIT)
            self.up(name)

    def plan(self, name: str) -> Plan:
        plan = recall.plan_of(name)
        return planning.located(plan, plan.target.facts)

    def up(self, name: str) -> None:
        """What `idp up` commits; files of others stay."""
        plan = self.plan(name)
        known = lock(plan.stack)
        lent = dict.fromkeys(desired.lacking(plan, known), "sha256:" + "e" * 64)
        for repo, files in desired.rendered(plan, known, lent, f"bundle of {name}").items():
            there = self.git[name].repository(f"{gitops.ORG}/{repo}")
            before = dict(there.files("main"))
            old = tree.written(before.get(tree.RECORD, b""))
            kept = {path: text for path, text in before.items() if path not in old}
            there.commit({**kept, **tree.recorded(files)})

    def change(self, name: str, repo: str, **files: bytes | None) -> None:
        there = self.git[name].repository(repo)
        merged = {**there.files("main"), **{path.replace("__", "/"): text for path, text in files.items()}}
        there.commit({path: text for path, text in merged.items() if text is not None})

    def diff(self, a: str = "a", b: str = "b") -> Difference:
        return session.difference(a, b, silent())


def lock(stack: str) -> Lock:
    """The bundle as it was made for the platform `a`: its target has no use for External Secrets."""
    plan = recall.plan_of("a")
    images = (LockedImage(i.name, Role.PLATFORM, DIGESTS.get(i.name, DIGEST), "", 1) for i in plan.images)
    return Lock(stack, "linux/amd64", Source.PACKAGES, tuple({i.name: i for i in images}.values()))


DIGEST = "sha256:" + "d" * 64
DIGESTS: dict[str, str] = {}


RENDERED: dict[str, desired.Rendered] = {}
render = desired.rendered


def rendered_once(plan: Plan, known: Lock, lent: dict[str, str], bundle_id: str) -> desired.Rendered:
    """Rendering is proven elsewhere and takes its time; equal input is rendered once for all tests."""
    key = repr((plan, known, sorted(lent.items()), bundle_id))
    if key not in RENDERED:
        RENDERED[key] = render(plan, known, lent, bundle_id)
    return RENDERED[key]


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(session, "engine_for", lambda kind: Standing())
    monkeypatch.setattr(bundle, "load", lambda plan: lock(plan.stack))
    monkeypatch.setattr(bundle, "upstream_manifests", lambda plan: {})
    monkeypatch.setattr(desired, "rendered", rendered_once)
    instance.remember(Instance("a", "local", "minimal", "small", 8443, 16443))
    instance.remember(Instance("b", "existing", "minimal", "default", 443, 0, context="c", facts=FACTS))
    made = Two()
    monkeypatch.setattr(access, "cluster", lambda plan: FakeCluster(made.syncs[plan.facts.name]))
    monkeypatch.setattr(access, "administer", lambda plan, _: made.git[plan.facts.name].client())
    yield made
    DIGESTS.clear()


def test_what_follows_from_facts_is_no_difference(two: Two) -> None:
    assert not two.diff()


def test_nothing_but_listings_is_read_where_nothing_differs(two: Two) -> None:
    two.git["b"].asked.clear()
    assert not two.diff()
    read = [path for path in two.git["b"].asked if "/blobs/" in path]
    lent = [path for path in two.git["b"].repositories["idp/platform"].files("main") if "external-s" in path]
    assert len(read) <= len(lent) + 1  # what lends digests, and the record of `deployments`


def test_a_new_image_is_a_difference_until_the_other_has_it_too(two: Two) -> None:
    DIGESTS["gitea"] = "sha256:" + "f" * 64
    two.up("a")
    found = two.diff()
    assert [(i.name, i.old, i.new) for i in found.images] == [("gitea", DIGEST, DIGESTS["gitea"])]
    assert [package.name for package in found.packages] == ["gitea"]
    assert any(field.path.endswith(".image") for o in found.packages[0].objects for field in o.fields), (
        found.packages
    )
    two.up("b")
    assert not two.diff()


def test_a_setting_of_the_stack_shows_in_the_package_that_it_is_of(two: Two, tmp_path: Path) -> None:
    definition = yaml.safe_load((Path(planning.__file__).parents[1] / "stacks/minimal.yaml").read_text())
    definition["packages"]["gitea"] = {"settings": {"log_level": "Debug"}}
    own = tmp_path / "minimal.yaml"
    own.write_text(yaml.safe_dump(definition, sort_keys=False))
    instance.remember(Instance("a", "local", str(own), "small", 8443, 16443))
    two.up("a")
    found = two.diff()
    assert [package.name for package in found.packages] == ["gitea"]
    assert not found.images


def test_users_content_shows_where_it_is(two: Two) -> None:
    two.change("a", "idp/catalog", **{"mine.yaml": b"kind: Group"})
    two.change("a", "idp/deployments", **{"iris.yaml": APPLICATION.encode()})
    two.git["a"].repository("ml/new")
    found = two.diff()
    assert [(f.path, f.new) for f in found.extra] == [("catalog/mine.yaml", "kind: Group")]
    assert [(o.kind, o.namespace, o.name) for o in found.deployments.objects] == [
        ("Application", "argocd", "iris")
    ]
    moved = found.deployments.files[0].new or ""
    assert 'https://iris.b.example.org"' in moved
    assert "r.example.org/idp/ml-runtime@sha256:1" in moved
    assert [(r.name, r.relation) for r in found.repositories] == [("ml/new", Relation.NEW)]
    two.change("b", "idp/catalog", **{"mine.yaml": b"kind: Group"})
    two.change("b", "idp/deployments", **{"iris.yaml": moved.encode()})
    two.git["b"].repository("ml/new")
    assert not two.diff()


def test_decisions_about_models_are_no_part_of_it(two: Two) -> None:
    assert two.git["a"].repository("idp/governance").refs != two.git["b"].repository("idp/governance").refs
    assert not two.diff()


@pytest.mark.parametrize(
    ("ahead", "relation"),
    [("a", Relation.BEHIND), ("b", Relation.AHEAD), ("ab", Relation.DIVERGED)],
)
def test_repositories_are_related_by_their_histories(two: Two, ahead: str, relation: Relation) -> None:
    for name in ahead:
        two.change(name, "ml/iris", y=name.encode())
    [found] = two.diff().repositories
    assert (found.name, found.relation) == ("ml/iris", relation)
    assert [ref.name for ref in found.refs] == ["refs/heads/main"]


def test_a_rendered_file_that_somebody_changed_on_the_other_side_would_be_put_right(two: Two) -> None:
    there = two.git["b"].repository("idp/platform")
    path = next(p for p in there.files("main") if p.startswith("packages/gitea/"))
    two.change("b", "idp/platform", **{path: b"kind: Other\nmetadata: {name: x}\n"})
    found = two.diff()
    assert [f.path for package in found.packages for f in package.files] == [path]


def test_the_difference_leads_to_what_was_wanted(two: Two) -> None:
    two.change("b", "idp/catalog", **{"mine.yaml": b"kind: Group"})
    two.change("a", "ml/iris", y=b"2")
    found = two.diff()
    git = two.git["b"].client()
    before = reading.read(git, reading.listing(git), {})
    after = applied(found, before)
    assert after.repositories == {"ml/iris": two.git["a"].repository("ml/iris").refs}
    assert "catalog/mine.yaml" not in after.extra
    assert not compare(after, applied(found, after))


def test_a_source_that_is_not_as_rendered_or_not_in_sync_is_refused_with_all_reasons(two: Two) -> None:
    path = "packages/gitea/" + next(
        p.removeprefix("packages/gitea/")
        for p in two.git["a"].repository("idp/platform").files("main")
        if p.startswith("packages/gitea/")
    )
    two.change("a", "idp/platform", **{path: b"changed"})
    two.syncs["a"] = {"gitea": "Synced", "iris": "OutOfSync", "web": "Unknown"}
    with pytest.raises(IdpError, match="IDP-M001") as caught:
        two.diff()
    assert caught.value.faults == [
        f"file platform/{path}: not as rendered",
        "application iris: OutOfSync",
        "application web: Unknown",
    ]
    assert caught.value.fix == "idp up --name a"
    two.up("a")
    two.syncs["a"] = {}
    assert not two.diff()


def test_a_source_of_another_version_is_told_from_one_that_was_changed(two: Two) -> None:
    there = two.git["a"].repository("idp/platform").files("main")
    recorded = yaml.safe_load(there["platform.yaml"])
    recorded["packages"]["gitea"] = "0.9"
    two.change("a", "idp/platform", **{"platform.yaml": yaml.safe_dump(recorded, sort_keys=False).encode()})
    with pytest.raises(IdpError, match="IDP-M004") as caught:
        two.diff()
    assert "gitea 0.9" in caught.value.why


def test_all_that_do_not_answer_are_named(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(plan: Plan) -> None:
        raise IdpError("IDP-K001", "the cluster does not answer", f"{plan.facts.name} is off")

    monkeypatch.setattr(access, "cluster", refuse)
    with pytest.raises(IdpError, match="IDP-M002") as caught:
        two.diff()
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["a", "b"]
    assert "b is off" in caught.value.faults[1]


def test_commits_are_compared_as_they_stand(two: Two) -> None:
    there = two.git["a"].repository("idp/platform")
    first = there.refs["refs/heads/main"]
    DIGESTS["gitea"] = "sha256:" + "f" * 64
    two.up("a")
    found = two.diff("a", f"a@{first[:8]}")
    assert [(i.name, i.old, i.new) for i in found.images] == [("gitea", DIGEST, DIGESTS["gitea"])]
    assert not any((found.repositories, found.catalogue, found.templates, found.extra))
    assert not two.diff(f"a@{first}", f"a@{first}")
    assert two.diff(f"a@{first}", "b").packages  # facts are not made up for


def test_a_commit_that_is_not_there_is_refused(two: Two) -> None:
    with pytest.raises(IdpError, match="IDP-M005"):
        two.diff("a@" + "0" * 40, "b")


@pytest.mark.parametrize("output", ["table", "json", "markdown"])
def test_the_exit_code_tells_equal_from_different(
    two: Two, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run: Callable[..., int] = lambda *more: cli.run(["diff", "a", "b", "-o", output, *more])  # noqa: E731
    assert run() == READY
    two.change("a", "ml/iris", y=b"2")
    capsys.readouterr()
    assert run("--full") == DIFFERENT
    assert "ml/iris" in capsys.readouterr().out


def test_a_repository_that_is_equal_costs_one_request(two: Two) -> None:
    assert not two.diff()
    before = len(two.git["b"].asked)
    for name in "ab":
        for number in range(30):
            two.git[name].repository(f"ml/r{number}").commit(COMMIT)
    two.git["b"].asked.clear()
    assert not two.diff()
    assert len(two.git["b"].asked) <= before + 30


def test_json_has_the_promised_shape(two: Two, capsys: pytest.CaptureFixture[str]) -> None:
    DIGESTS["gitea"] = "sha256:" + "f" * 64
    two.up("a")
    assert cli.run(["diff", "a", "b", "-o", "json"]) == DIFFERENT
    said = json.loads(capsys.readouterr().out)
    assert list(said) == [
        *("from", "to", "equal", "packages", "images", "repositories"),
        *("deployments", "catalogue", "templates", "extra", "models"),
    ]
    [package] = said["packages"]
    assert list(package) == ["name", "added", "changed", "removed", "objects", "files"]
    assert (package["name"], package["added"], package["removed"]) == ("gitea", 0, 0)
    assert list(package["objects"][0]) == ["change", "kind", "namespace", "name", "fields"]
    assert said["images"] == [{"name": "gitea", "old": DIGEST, "new": DIGESTS["gitea"]}]
