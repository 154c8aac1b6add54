"""What a failure of Pulumi means for a run."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pulumi.automation.errors import CommandError

from bootstrap.errors import IdpError
from bootstrap.progress import silent
from stacks import automation, workspace


class Failing:
    """A stack whose runs fail with these words, one after the other, and then succeed."""

    def __init__(self, *words: str) -> None:
        self.words = list(words)
        self.runs = 0

    def up(self, **_: Any) -> None:
        self.runs += 1
        if self.words:
            raise CommandError(cast(Any, self.words.pop(0)))


LOST = "rpc error: code = Unavailable desc = error reading from server: EOF"


@pytest.mark.parametrize(
    ("words", "runs", "code"),
    [
        ((), 1, None),
        ((LOST,), 2, None),
        ((LOST, LOST), 2, "IDP-P009"),
        (("the namespace cannot be made",), 1, "IDP-P009"),
    ],
)
def test_a_lost_process_is_tried_once_more(words: tuple[str, ...], runs: int, code: str | None) -> None:
    stack = Failing(*words)
    try:
        automation._apply(cast(workspace.Stack, stack), silent())
        said = None
    except IdpError as error:
        said = error.code
    assert (stack.runs, said) == (runs, code)
