"""Every code that can be printed is explained, every explained code can be printed, each once."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
import yaml

from bootstrap.console import print_error, print_interrupted
from bootstrap.errors import IdpError, catalogue

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"IDP-[A-Z]\d{3}")
SOURCES = [
    path
    for folder in ("bootstrap", "stacks")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
]


def test_codes_in_the_program_and_in_the_catalogue_are_the_same() -> None:
    used = {code for path in SOURCES for code in CODE.findall(path.read_text())}
    assert used == set(catalogue())


def test_no_code_is_explained_twice() -> None:
    lines = (ROOT / "bootstrap/errors.yaml").read_text().splitlines()
    keys = [line.removesuffix(":") for line in lines if CODE.match(line)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_an_explanation_says_something(code: str) -> None:
    entry = catalogue()[code]
    assert not entry.title.endswith(".")
    assert len(entry.title) < 60
    assert entry.meaning.endswith(".")
    assert entry.remedy.endswith(".")


ERROR = IdpError(
    "IDP-A004",
    "the stack `x` cannot be planned",
    "first line\nsecond line",
    "idp plan",
    ["package `a` requires `b`", "size `huge` is unknown"],
)

PRINTED = """\
Error IDP-A004: the stack `x` cannot be planned
  first line
  second line
  - package `a` requires `b`
  - size `huge` is unknown

To fix this:
  idp plan

More about it: idp explain IDP-A004
"""


def test_an_error_for_people() -> None:
    stream = io.StringIO()
    print_error(ERROR, stream=stream)
    assert stream.getvalue() == PRINTED


def test_several_commands_are_numbered() -> None:
    stream = io.StringIO()
    print_error(IdpError("IDP-X001", "what", fix="idp down\nidp up"), stream=stream)
    assert "To fix this:\n  1. idp down\n  2. idp up\n" in stream.getvalue()


def test_an_error_for_programs() -> None:
    stream = io.StringIO()
    print_error(ERROR, as_json=True, stream=stream)
    assert json.loads(stream.getvalue()) == {
        "event": "error",
        "code": "IDP-A004",
        "what": "the stack `x` cannot be planned",
        "why": "first line\nsecond line",
        "faults": ["package `a` requires `b`", "size `huge` is unknown"],
        "fix": "idp plan",
        "explain": "idp explain IDP-A004",
    }


def test_interruption_is_one_line() -> None:
    stream = io.StringIO()
    print_interrupted("up", stream)
    assert stream.getvalue() == (
        "Interrupted. Nothing is lost: run `idp up` again, it continues where it stopped.\n"
    )


def test_the_catalogue_is_yaml_without_surprises() -> None:
    entries = yaml.safe_load((ROOT / "bootstrap/errors.yaml").read_text())
    assert all(set(entry) == {"title", "meaning", "remedy"} for entry in entries.values())
