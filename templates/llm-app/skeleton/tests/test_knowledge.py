"""Does the index find what stands in the documents?"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import knowledge
from knowledge import Knowledge
from settings import Settings

ROOT = Path(__file__).parents[1]
QUESTIONS = tomllib.loads((ROOT / "tests" / "questions.toml").read_text())["question"]


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: str(case["ask"]))
def test_a_question_finds_its_passage(case: dict[str, Any], known: Knowledge, chosen: Settings) -> None:
    hits = known.search(case["ask"], chosen.retrieval.passages, chosen.retrieval.least_score)
    found = [(hit.passage.file, hit.passage.heading.rpartition(" / ")[2]) for hit in hits]
    assert (case["file"], case["heading"]) in found


def test_what_is_not_in_the_documents_finds_nothing(known: Knowledge, chosen: Settings) -> None:
    assert known.search("quantum chromodynamics", 4, chosen.retrieval.least_score) == []


def test_every_document_is_deployed() -> None:
    listed = (ROOT / "knowledge" / "kustomization.yaml").read_text()
    for file in (ROOT / "knowledge").glob("*.md"):
        assert f"- {file.name}\n" in listed, f"list {file.name} in knowledge/kustomization.yaml"


def test_the_documents_fit_into_a_configmap() -> None:
    assert sum(file.stat().st_size for file in (ROOT / "knowledge").glob("*.md")) < 900_000


def test_passages_carry_the_headings_above_them() -> None:
    text = "intro\n# A\none\n## B\ntwo\n```\n# no heading\n```\n# C\nthree"
    assert [(p.heading, p.text) for p in knowledge.split("a.md", text)] == [
        ("a.md", "intro"),
        ("A", "one"),
        ("A / B", "two\n```\n# no heading\n```"),
        ("C", "three"),
    ]


def test_long_passages_are_cut_between_paragraphs() -> None:
    pieces = knowledge.split("a.md", "\n\n".join(["word " * 200] * 4))
    assert len(pieces) > 1
    assert all(len(piece.text) <= knowledge.LONGEST for piece in pieces)


def test_other_documents_are_another_version(known: Knowledge) -> None:
    assert Knowledge(known.passages[1:]).version != known.version


def test_no_documents_are_no_crash() -> None:
    assert Knowledge([]).search("anything", 4, 0.0) == []
