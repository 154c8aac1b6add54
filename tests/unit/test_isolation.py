"""Tests and the platforms of whoever runs them: a test of `down` once emptied one of the same name."""

from __future__ import annotations

from bootstrap import instance, paths
from tests.conftest import USERS_DATA


def test_no_test_knows_a_platform_of_the_user() -> None:
    assert paths.data() != USERS_DATA
    assert not paths.data().is_relative_to(USERS_DATA)
    assert instance.find("idp") is None
