"""What differs between two platforms: cases as data, and laws that hold for any contents."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bootstrap import plan
from bootstrap.cli import comparing
from bootstrap.errors import IdpError
from bootstrap.model import Facts, Target
from bootstrap.promotion import desired
from bootstrap.promotion.comparison import applied, compare
from bootstrap.promotion.contents import Contents, contents, decoded, digests, encoded
from bootstrap.promotion.difference import RefChange, Relation, RepositoryChange
from bootstrap.promotion.session import Side, side

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "comparison.yaml").read_text())

#: A busy machine draws slowly; that says nothing about the law.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

LETTERS = st.text("ab.é", max_size=3)
NAMES = st.sampled_from(["a", "b", "web", "packages/web/a.yaml", "ml/iris"])
OBJECTS = st.builds(
    lambda kind, name, spec: yaml.safe_dump({"kind": kind, "metadata": {"name": name}, "spec": spec}),
    st.sampled_from(["Service", "Deployment"]),
    st.sampled_from(["a", "b"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | LETTERS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3),
        max_leaves=5,
    ),
)
TEXTS = OBJECTS | st.text("ab:{}[]&-\n ü", max_size=20) | st.binary(max_size=8).map(decoded)
FILES = st.dictionaries(NAMES, TEXTS, max_size=3)
REFS = st.dictionaries(st.sampled_from(["refs/heads/main", "refs/tags/v1"]), st.sampled_from(["1", "2"]))
CONTENTS = st.builds(
    Contents,
    st.dictionaries(NAMES, st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3), max_size=3),
    st.dictionaries(NAMES, st.sampled_from(["sha256:1", "sha256:2"])),
    st.dictionaries(NAMES, REFS, max_size=3),
    FILES,
    FILES,
    FILES,
    FILES,
)


@patient
@given(CONTENTS)
def test_equal_contents_do_not_differ(some: Contents) -> None:
    assert not compare(some, some)


@patient
@given(CONTENTS, CONTENTS)
def test_a_difference_leads_from_one_to_the_other(wanted: Contents, found: Contents) -> None:
    difference = compare(wanted, found)
    assert applied(difference, found) == wanted
    assert bool(difference) == (wanted != found)


@patient
@given(CONTENTS, CONTENTS)
def test_every_difference_can_be_printed(wanted: Contents, found: Contents) -> None:
    difference = compare(wanted, found)
    said = json.loads(json.dumps(comparing.record("a", "b", difference, full=True)))
    assert said["equal"] == (wanted == found)
    assert len(comparing.markdown("a", "b", difference, full=True)) >= 3


@patient
@given(st.binary())
def test_bytes_of_any_kind_survive(content: bytes) -> None:
    assert encoded(decoded(content)) == content


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_comparing(case: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    difference = compare(Contents(**case["wanted"]), Contents(**case["found"]))
    comparing.show("a", "b", difference, full=False)
    assert capsys.readouterr().out.splitlines() == case["shown"]


def test_full_output_shows_changed_lines_and_colours_only_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "kind: A\nmetadata: {{name: x}}\nspec: {}\n"
    wanted, found = (Contents({"web": {"a.yaml": text.format(n)}}) for n in (2, 1))
    comparing.show("a", "b", compare(wanted, found), full=True)
    plain = capsys.readouterr().out
    assert "--- b/a.yaml\n+++ a/a.yaml\n" in plain
    assert "\n-spec: 1\n+spec: 2\n" in plain
    assert "\033" not in plain
    monkeypatch.setattr("bootstrap.console.style.coloured", lambda stream: True)
    comparing.show("a", "b", compare(wanted, found), full=True)
    assert "\033[31m-spec: 1\033[0m" in capsys.readouterr().out


def test_a_comment_folds_each_package_and_stays_below_its_limit() -> None:
    many = Contents({f"p{i}": {"a.yaml": "x: " + "y" * 500} for i in range(300)})
    comment = comparing.markdown("a", "b", compare(many, Contents()), full=True)
    assert comment[0] == "### From `a` to `b`"
    assert comment[-1] == "The rest is too long for a comment: `idp diff a b`"
    assert len("\n".join(comment)) < 65536


@pytest.mark.parametrize(
    ("relations", "whole"),
    [
        ([Relation.BEHIND, Relation.NEW], Relation.BEHIND),
        ([Relation.AHEAD, Relation.EXTRA], Relation.AHEAD),
        ([Relation.BEHIND, Relation.AHEAD], Relation.DIVERGED),
        ([Relation.BEHIND, Relation.DIVERGED], Relation.DIVERGED),
        ([Relation.UNKNOWN, Relation.NEW], Relation.UNKNOWN),
    ],
)
def test_a_repository_is_what_its_branches_are(relations: list[Relation], whole: Relation) -> None:
    refs = tuple(RefChange(str(i), "1", "2", relation) for i, relation in enumerate(relations))
    assert RepositoryChange("ml/x", {}, {}, refs).relation is whole


def test_a_moved_tag_has_diverged() -> None:
    found = compare(
        Contents(repositories={"ml/x": {"refs/tags/v1": "1"}}),
        Contents(repositories={"ml/x": {"refs/tags/v1": "2"}}),
    )
    assert found.repositories[0].relation is Relation.DIVERGED


def facts(**given: Any) -> Facts:
    return replace(plan.load("minimal", Target("local", "a"), "small").facts, **given)


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("https://iris.a.localhost:8443/x", "https://iris.b.example.org/x"),
        ("hostnames: [iris.a.localhost]", "hostnames: [iris.b.example.org]"),
        ("image: idp.local/ml-runtime@sha256:1", "image: r.example.org/idp/ml-runtime@sha256:1"),
        ("http://gitea.gitea.svc:3000/ml/iris.git", "http://gitea.gitea.svc:3000/ml/iris.git"),
        (
            "  - ml-runtime=idp.local/ml-runtime@sha256:1",
            "  - ml-runtime=r.example.org/idp/ml-runtime@sha256:1",
        ),
        ("  value:\n    - iris.a.localhost\n", "  value:\n    - iris.b.example.org\n"),
        ('{"value":["iris.a.localhost"]}', '{"value":["iris.b.example.org"]}'),
        ("iris.a.localhost.example.org", "iris.a.localhost.example.org"),
        ("https://iris.a.localhost:84430/", "https://iris.b.example.org:84430/"),
        ("my.idp.local/x", "my.idp.local/x"),
        ("aXlocalhost", "aXlocalhost"),
    ],
)
def test_only_addresses_and_the_registry_of_an_entry_move(text: str, moved: str) -> None:
    there = facts(domain="b.example.org", https_port=443, registry="r.example.org/idp")
    assert desired.moved(text, facts(), there) == moved
    assert desired.moved(text, facts(), facts()) == text


#: What the portal writes: see packages/backstage/image/backend/src/scaffolder/application.ts.
APPLICATION = """\
spec:
  source:
    repoURL: http://gitea.gitea.svc:3000/ml/iris.git
    kustomize:
      images:
        - ml-runtime={registry}/ml-runtime@sha256:{digest}
      patches:
        - target:
            group: gateway.networking.k8s.io
            kind: HTTPRoute
            name: iris
          patch: |
            - op: add
              path: /spec/hostnames
              value:
                - iris.{domain}
"""


def test_an_application_is_what_the_other_portal_would_write() -> None:
    there = facts(domain="b.example.org", https_port=443, registry="1.dkr.ecr.eu-central-1.amazonaws.com/idp")
    here, elsewhere = (
        APPLICATION.format(registry=f.registry, domain=f.domain, digest="0" * 64) for f in (facts(), there)
    )
    assert desired.moved(here, facts(), there) == elsewhere
    assert desired.moved(elsewhere, there, facts()) == here


def test_an_entry_moves_back_as_it_came() -> None:
    here, there = facts(), facts(domain="b.example.org", https_port=443, registry="r.example.org/idp")
    text = "url: https://iris.a.localhost:8443/x\nhost: iris.a.localhost\nimage: idp.local/x@sha256:1\n"
    assert desired.moved(desired.moved(text, here, there), there, here) == text


def test_files_are_sorted_by_who_wrote_them() -> None:
    digest = "sha256:" + "1" * 64
    files = {
        "platform": {
            "packages/web/a.yaml": f"image: r.example.org:5000/x/web:1.0@{digest}",
            "applications/web.yaml": "a",
            "platform.yaml": "p",
            "mine.yaml": "m",
            ".idp/files.json": "[]",
        },
        "catalog": {"all.yaml": "c", "mine.yaml": "n"},
        "templates": {"all.yaml": "t"},
        "deployments": {"README.md": "r", "iris.yaml": "d"},
    }
    ours = {"packages/web/a.yaml", "applications/web.yaml", "platform.yaml", "all.yaml", "README.md"}
    found = contents(files, dict.fromkeys(files, ours), {})
    assert {name: sorted(held) for name, held in found.manifests.items()} == {
        "web": ["applications/web.yaml", "packages/web/a.yaml"],
        "platform": ["platform.yaml"],
    }
    assert found.images == {"web": digest}
    assert (found.catalogue, found.templates) == ({"all.yaml": "c"}, {"all.yaml": "t"})
    assert found.deployments == {"iris.yaml": "d"}
    assert found.extra == {"platform/mine.yaml": "m", "catalog/mine.yaml": "n"}


def test_two_digests_of_one_image_stand_side_by_side() -> None:
    one, two = ("sha256:" + digit * 64 for digit in "12")
    assert digests([f"a/x@{two} b/x@{one}", f"x@{one}"]) == {"x": f"{one} {two}"}


@pytest.mark.parametrize("text", ["", "@4f1c2ab", "idp@", "idp@short", "idp@main", "idp@4f1c2a"])
def test_a_side_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(IdpError, match="IDP-M003"):
        side(text)


def test_a_side_is_a_platform_or_a_commit_of_one() -> None:
    assert asdict(side("idp")) == {"name": "idp", "commit": ""}
    assert side("idp@4f1c2ab") == Side("idp", "4f1c2ab")
    assert str(side("idp@4f1c2ab")) == "idp@4f1c2ab"
