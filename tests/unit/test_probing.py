"""Probes run side by side, once or until they are content."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest

from bootstrap import probing
from bootstrap.errors import IdpError
from bootstrap.model import Check
from bootstrap.probing import NotYet, Probe


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "INTERVAL", 0.01)


def after(attempts: int) -> Callable[[], str]:
    """Says yes at the attempt of this number."""
    count = 0

    def ask() -> str:
        nonlocal count
        count += 1
        if count < attempts:
            raise NotYet(f"{count} of {attempts}")
        return "here"

    return ask


def refuse() -> str:
    raise IdpError("IDP-X", "it refused", "because\n  it can")


def test_once_keeps_the_order_and_asks_at_the_same_time() -> None:
    slow = [Probe(str(i), lambda: time.sleep(0.1) or "") for i in range(8)]  # type: ignore[func-returns-value]
    began = time.monotonic()
    checks = probing.once(slow)
    assert [c.name for c in checks] == [p.name for p in slow]
    assert time.monotonic() - began < 0.5
    assert all(c.ok and c.seconds >= 0.1 for c in checks)


def test_a_refusal_is_an_answer_with_its_reason_on_one_line() -> None:
    assert probing.answer(Probe("x", refuse)).detail == "it refused: because it can"


def test_until_all_say_yes() -> None:
    heard: list[list[str]] = []

    def waiting(still: Sequence[Check]) -> None:
        heard.append([c.name for c in still])

    checks = probing.until([Probe("a", after(1)), Probe("b", after(3)), Probe("c", after(9))], 5, waiting)
    assert [(c.name, c.ok, c.detail) for c in checks] == [(n, True, "here") for n in "abc"]
    assert heard[-1] == ["c"]
    assert len(heard) == len({tuple(names) for names in heard})


def test_until_the_deadline() -> None:
    checks = probing.until([Probe("a", after(1)), Probe("b", after(10**6))], 0.1, lambda still: None)
    assert [c.ok for c in checks] == [True, False]
    assert checks[1].detail.endswith("of 1000000")


def test_a_nudge_may_be_what_is_needed() -> None:
    nudged = False

    def nudge() -> None:
        nonlocal nudged
        nudged = True
        raise NotYet("nudging fails quietly")

    def ask() -> str:
        if not nudged:
            raise NotYet("asleep")
        return "awake"

    assert probing.until([Probe("a", ask, nudge, patience=0.02)], 5, lambda still: None)[0].detail == "awake"
