"""`idp diff` between a platform on this machine and one elsewhere, both real."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.life import of_data_scientist
from tests.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.fixture(scope="module")
def pair(platform: Platform, elsewhere: Platform, artifacts: Path) -> Platform:
    """The platform elsewhere, whose data folder knows of the other one, too."""
    folder = Path("instances") / platform.name
    shutil.copytree(platform.data / folder, elsewhere.data / folder, dirs_exist_ok=True)
    return elsewhere


def test_two_new_platforms_of_one_stack_do_not_differ(pair: Platform, platform: Platform) -> None:
    done = pair.idp("diff", platform.name, pair.name, "-o", "json", check=False)
    assert done.code == 0, done.out + done.err
    assert json.loads(done.out)["equal"]


def test_what_was_made_on_one_is_missing_on_the_other(pair: Platform, platform: Platform) -> None:
    with of_data_scientist(platform) as life:
        life.scaffold_dataset()
    done = pair.idp("diff", platform.name, pair.name, "-o", "json", check=False)
    assert done.code == 3, done.out + done.err
    found = json.loads(done.out)
    assert {r["relation"] for r in found["repositories"]} == {"new"}
    assert not found["packages"]
    assert not found["images"]
