"""The start script of the object store: accounts as the Secrets say, buckets made once, keys kept quiet."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from bootstrap import paths

SCRIPT = paths.packages() / "objectstore/config/start.sh"

#: Plays the gateway: remembers buckets in a file, and what it was called with in another.
GATEWAY = """\
#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
*list-buckets) printf 'Bucket Owner\\n------- ----\\n'; cat "$KNOWN" 2>/dev/null; echo ;;
*create-bucket*) echo "$4 $6" >>"$KNOWN" ;;
*change-bucket-owner*) echo "$4 $6" >"$KNOWN" ;;
*127.0.0.1:9000*) exec sleep 60 ;;
esac
"""


@dataclass(frozen=True)
class Store:
    """A folder in which the script can run."""

    folder: Path

    def secret(self, bucket: str, access_key: str, secret_key: str) -> None:
        folder = self.folder / "secrets" / bucket
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "access_key").write_text(access_key)
        (folder / "secret_key").write_text(secret_key)

    def start(self) -> None:
        gateway = self.folder / "bin/versitygw"
        gateway.parent.mkdir(exist_ok=True)
        gateway.write_text(GATEWAY)
        gateway.chmod(0o755)
        for name in ("secrets", "accounts"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "calls").unlink(missing_ok=True)
        places = {
            "BUCKETS": "secrets",
            "ACCOUNTS": "accounts",
            "DATA": "data",
            "CALLS": "calls",
            "KNOWN": "known",
        }
        env = {name: str(self.folder / place) for name, place in places.items()}
        subprocess.run(
            ["/bin/sh", "-c", SCRIPT.read_text(), "start", "--port=:9000"],
            env={"PATH": f"{gateway.parent}:{os.environ['PATH']}", "ADMIN": "127.0.0.1:9001", **env},
            check=True,
            timeout=30,
            capture_output=True,
        )

    @property
    def accounts(self) -> dict[str, dict[str, object]]:
        text = (self.folder / "accounts/users.json").read_text()
        found: dict[str, dict[str, object]] = json.loads(text)["accessAccounts"]
        return found

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()

    def changes(self) -> list[str]:
        return [call for call in self.calls if "create" in call or "change" in call]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_every_secret_is_an_account_that_may_only_use_what_it_owns(store: Store) -> None:
    store.secret("models", "models", "one")
    store.secret("plots", "plotter", "two")
    store.start()
    assert {name: (a["access"], a["secret"], a["role"]) for name, a in store.accounts.items()} == {
        "models": ("models", "one", "user"),
        "plotter": ("plotter", "two", "user"),
    }
    assert (store.folder / "accounts/users.json").stat().st_mode & 0o077 == 0


def test_buckets_are_made_once_and_follow_their_account(store: Store) -> None:
    store.secret("models", "models", "one")
    store.start()
    assert store.changes() == ["admin create-bucket --bucket models --owner models"]
    store.start()
    assert store.changes() == []
    store.secret("models", "trainer", "one")
    store.start()
    assert store.changes() == ["admin change-bucket-owner --bucket models --owner trainer"]


def test_a_changed_key_takes_effect_and_a_removed_account_is_gone(store: Store) -> None:
    store.secret("models", "models", "one")
    store.secret("plots", "plots", "two")
    store.start()
    store.secret("models", "models", "three")
    for file in ("access_key", "secret_key"):
        (store.folder / "secrets/plots" / file).unlink()
    (store.folder / "secrets/plots").rmdir()
    store.start()
    assert {name: a["secret"] for name, a in store.accounts.items()} == {"models": "three"}


def test_the_port_opens_last_and_no_key_is_an_argument(store: Store) -> None:
    store.secret("models", "models", "very-secret")
    store.start()
    assert store.calls[-1] == f"--port=:9000 --admin-port 127.0.0.1:9001 posix {store.folder}/data"
    assert not any("very-secret" in call for call in store.calls)


def test_a_stack_without_buckets_starts(store: Store) -> None:
    store.start()
    assert store.accounts == {}
    assert store.changes() == []
