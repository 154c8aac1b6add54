"""What a machine remembers of an instance: one holder at a time, and nothing after `forget`."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap import instance, paths
from bootstrap.errors import IdpError
from bootstrap.instance import Instance

DEMO = Instance("demo", "local", "reference", "small", 8443, 16443)


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    return tmp_path


def test_what_is_remembered_is_found_again() -> None:
    instance.remember(DEMO)
    assert instance.get("demo") == DEMO
    assert instance.names() == ["demo"]
    assert instance.remembered_ports() == {8443, 16443}


def test_a_damaged_record_says_how_to_get_rid_of_it() -> None:
    instance.remember(DEMO)
    (paths.instance("demo") / "instance.json").write_text("{")
    with pytest.raises(IdpError, match="IDP-I001") as caught:
        instance.get("demo")
    assert caught.value.fix == "idp down --name demo --yes"


def test_one_holder_at_a_time_and_the_other_learns_who() -> None:
    with instance.lock("demo"), pytest.raises(IdpError, match="IDP-I003") as caught, instance.lock("demo"):
        pass
    assert "process" in caught.value.why
    with instance.lock("demo"):
        pass


def test_nothing_is_left_after_forgetting(own_data: Path) -> None:
    with instance.lock("demo"):
        instance.remember(DEMO)
        instance.forget("demo")
    assert [p for p in own_data.rglob("*") if p.is_file()] == []
    with instance.lock("demo"):
        assert instance.find("demo") is None


def test_other_users_cannot_look_in() -> None:
    assert instance.create_folder("demo").stat().st_mode & 0o077 == 0


def test_two_first_runs_at_once_choose_different_ports() -> None:
    def first_run(name: str) -> Instance:
        with instance.choosing():
            port = instance.free_port(28443, instance.remembered_ports())
            time.sleep(0.05)  # what else is checked meanwhile
            chosen = replace(DEMO, name=name, https_port=port, api_port=instance.free_port(port + 500))
            instance.remember(chosen)
        return chosen

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(first_run, ("a", "b", "c", "d")))
    assert len({i.https_port for i in made}) == 4
