"""A running platform as a user has it: the command line, its JSON, and nothing behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Finished:
    """What a command left."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Platform:
    """One instance with a data folder of its own; the cache (bundle, tools) is the user's."""

    name: str
    data: Path
    log: Path
    environment: dict[str, str] = field(default_factory=dict)

    def idp(self, *arguments: str, timeout: float = 4500, check: bool = True) -> Finished:
        """Run `idp`, keep what it said in the log, and by default insist on exit code 0."""
        environment = {
            **os.environ,
            "IDP_DATA_DIR": str(self.data),
            "IDP_NAME": self.name,
            **self.environment,
        }
        command = [sys.executable, "-m", "bootstrap", *arguments]
        with self.log.open("a+") as log:  # written as it happens: a hung command must show where it hangs
            log.write(f"$ idp {' '.join(arguments)}\n")
            log.flush()
            begins = log.tell()
            done = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, timeout=timeout
            )
            log.seek(begins)
            err = log.read()
            log.write(f"{done.stdout}-> {done.returncode}\n\n")
        if check:
            assert done.returncode == 0, f"idp {' '.join(arguments)}:\n{done.stdout}\n{err}"
        return Finished(done.returncode, done.stdout, err)

    def up(self, *arguments: str) -> Finished:
        return self.idp("up", "--local", "--progress", "plain", *arguments)

    def down(self) -> Finished:
        return self.idp("down", "--yes", "--progress", "plain")

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.idp("status", "-o", "json").out))

    def password(self, username: str) -> str:
        """The generated password of a user, as `idp secrets` shows it."""
        rows = json.loads(self.idp("secrets", "-o", "json").out)
        return next(str(row["password"]) for row in rows if row.get("username") == username)
