"""Cases as data: references, Dockerfiles, ignore files, module proxies, the choice of a source."""

from __future__ import annotations

from typing import Any

import pytest

from bootstrap.bundle import dockerfile, goproxy, net, references, sources
from bootstrap.bundle.sources import Answers
from bootstrap.errors import IdpError
from tests.unit.bundle.conftest import cases


@pytest.mark.parametrize("case", cases("references"))
def test_references(case: dict[str, Any]) -> None:
    found = references.parse(case["text"])
    assert [found.host, found.repository, found.tag, found.digest] == case["parts"]
    assert found.api_host == case["api"]
    assert str(references.mirrored(found, "127.0.0.1:5000")) == case["mirrored"]
    assert references.mirrored(found, "") == found


def test_a_mirror_may_have_a_prefix() -> None:
    found = references.mirrored(references.parse("quay.io/a/b:1"), "mirror.example/cache/")
    assert str(found) == "mirror.example/cache/quay.io/a/b:1"


@pytest.mark.parametrize("case", cases("dockerfiles"))
def test_bases(case: dict[str, Any]) -> None:
    assert list(dockerfile.bases(case["dockerfile"])) == case["bases"]


@pytest.mark.parametrize("case", cases("ignored"))
def test_ignored(case: dict[str, Any]) -> None:
    ignored = dockerfile.Ignored(case["rules"])
    assert [path for path in case["in"] if ignored(path)] == []
    assert [path for path in case["out"] if not ignored(path)] == []


@pytest.mark.parametrize("case", cases("goproxy"))
def test_module_paths(case: dict[str, Any]) -> None:
    assert goproxy.zip_path(case["module"], case["version"]) == case["path"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("https://a.example,direct", ["https://a.example"]),
        ("https://a.example/x/|https://b.example", ["https://a.example/x", "https://b.example"]),
        ("off", []),
        ("", []),
    ],
)
def test_proxies(setting: str, expected: list[str]) -> None:
    assert goproxy.proxies(setting) == expected


@pytest.mark.parametrize("case", cases("sources"))
def test_choice_of_a_source(case: dict[str, Any]) -> None:
    answers = Answers(case["registries"], case["packages"])
    if "error" in case:
        with pytest.raises(IdpError) as caught:
            sources.choose(answers, case.get("imported", False))
        assert caught.value.code == case["error"]
        assert "idp bundle import" in caught.value.fix
        return
    source, why = sources.choose(answers, case.get("imported", False))
    assert source == case["source"]
    assert why == case.get("why", why)


def test_all_addresses_are_asked_once() -> None:
    asked: list[str] = []

    def ask(url: str) -> bool:
        asked.append(url)
        return url == "b"

    answers = sources.look_around(["a", "b", "a"], ["c"], ask)
    assert (answers.registries, answers.packages) == ({"a": False, "b": True}, {"c": False})
    assert sorted(asked) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:5000", "http"),
        ("localhost:5000", "http"),
        ("localhost", "http"),
        ("registry.example:5000", "https"),
        ("10.0.0.1:5000", "https"),
        ("quay.io", "https"),
    ],
)
def test_only_loopback_speaks_plain_http(host: str, expected: str) -> None:
    assert net.scheme(host) == expected
