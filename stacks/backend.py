"""Where an instance's state lies and what encrypts its secrets: a folder and a passphrase, or S3 and KMS.

Which of them is part of the instance's record, and the same for life.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from bootstrap import files, instance, paths
from bootstrap.cloud import key
from bootstrap.cloud.bucket import Bucket
from bootstrap.errors import IdpError
from stacks.state import State
from stacks.store import Folder

_BEGAN = "began"


class Backend(Protocol):
    """What Pulumi must be told to find one instance's state."""

    @property
    def url(self) -> str: ...

    @property
    def secrets_provider(self) -> str:
        """The URL of the key; empty: Pulumi's own default, a passphrase."""
        ...

    def state(self) -> State: ...

    def environment(self) -> dict[str, str]: ...

    def settings(self) -> str:
        """Settings of the stack that must be beside the program before a run; empty: Pulumi's own."""
        ...


@dataclass(frozen=True)
class Local:
    """A folder of this machine. Raises IDP-P005 where its passphrase is lost."""

    folder: Path
    name: str

    @property
    def url(self) -> str:
        # Without attributes beside each file: a run killed while it writes them leaves a state that Pulumi
        # cannot read any more ("failed to load checkpoint: EOF"), though the state itself is sound.
        return f"file://{self._place}?metadata=skip"

    @property
    def secrets_provider(self) -> str:
        return ""

    def state(self) -> State:
        return State(Folder(self._place), self.name)

    def environment(self) -> dict[str, str]:
        private(self._place)
        return {"PULUMI_CONFIG_PASSPHRASE_FILE": str(self._passphrase())}

    def settings(self) -> str:
        return ""

    @property
    def _place(self) -> Path:
        return self.folder / "state"

    def _passphrase(self) -> Path:
        """The file with the passphrase that encrypts secrets in the state; made once, never shown."""
        file = private(self.folder) / "passphrase"
        if file.exists() and file.stat().st_size:
            return file
        if self.state().exists:
            raise IdpError(
                "IDP-P005",
                "the passphrase of this platform's state is lost",
                f"{file} is missing; without it the secrets in the state cannot be read",
                f"put the file back from a backup, or start afresh: idp down --name {self.name} --yes",
            )
        files.private(file, secrets.token_urlsafe(32))
        return file


@dataclass(frozen=True)
class Shared:
    """A bucket of the account's foundation, and its key; no secret is on this machine."""

    folder: Path
    name: str
    bucket: str
    region: str
    account: str

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}?region={quote(self.region)}"

    @property
    def secrets_provider(self) -> str:
        # By its alias: the ARN would do as well, but has to be asked for.
        return f"awskms:///{key.ALIAS}?region={quote(self.region)}"

    def state(self) -> State:
        store = Bucket(self.bucket, self.region, self.account)
        return State(store, self.name, shared=True, began=_moment(self.folder / _BEGAN))

    def environment(self) -> dict[str, str]:
        return {}

    def settings(self) -> str:
        """The key by which the recorded secrets are encrypted, whichever machine had it made."""
        known = self.state().read().encryption or {"url": self.secrets_provider}
        wanted = {"secretsprovider": known["url"], "encryptedkey": known.get("encryptedkey")}
        # JSON is YAML.
        return json.dumps({name: value for name, value in wanted.items() if value}) + "\n"


def of(name: str) -> Backend:
    """The backend of an instance, as its record says; a folder where there is none yet."""
    folder = paths.instance(name) / "pulumi"
    known = _record(name, folder)
    if known and known.state_bucket:
        return Shared(folder, name, known.state_bucket, known.region, known.account)
    return Local(folder, name)


def _record(name: str, folder: Path) -> instance.Instance | None:
    """The record; a damaged one is as good as none where the state is here. Raises IDP-C018 elsewhere."""
    try:
        return instance.find(name)
    except IdpError as error:
        project = folder / "work" / "Pulumi.yaml"
        if not project.exists() or "s3://" not in project.read_text():
            return None
        raise IdpError(
            "IDP-C018",
            f"the record of the cloud platform `{name}` on this machine cannot be read",
            error.why,
            f"idp cloud connect --name {name}",
        ) from error


@contextmanager
def begun(name: str) -> Iterator[None]:
    """Note on this machine that a run has begun, and goes on while it holds a lock: that is its own."""
    file = private(paths.instance(name) / "pulumi") / _BEGAN
    file.write_text(datetime.now(UTC).isoformat())
    ended = False
    try:
        yield
        ended = True
    finally:
        if ended or not _left_a_lock(name):
            file.unlink(missing_ok=True)


def _left_a_lock(name: str) -> bool:
    """Did the run of this machine that failed leave its lock? Yes where the store does not say."""
    try:
        return of(name).state().is_held_by_us()
    except IdpError:
        return True


def private(folder: Path) -> Path:
    """A folder that only the user can read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _moment(file: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(file.read_text())
    except (OSError, ValueError):
        return None
