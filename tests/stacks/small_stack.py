"""A stack that holds generated credentials and nothing else, for the real Pulumi command.

`python -m tests.stacks.small_stack NAME [HOLD|RUSH]` runs it as a process of its own, which prints the error
in which that ends. With HOLD the program never ends, so that somebody can kill it while it has the lock; with
RUSH it does not look for locks before, as if another had been a moment faster.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pulumi

from bootstrap.errors import IdpError
from bootstrap.progress import silent
from stacks import automation, workspace
from stacks.credentials import Credentials

WANTED = {"gitea/admin/password": "password", "gitea/keys/jwt": "hex32"}


def declare(name: str) -> None:
    credentials = Credentials("credentials", name, f"{name}.localhost", WANTED)
    pulumi.export("ca", pulumi.Output.unsecret(credentials.ca_certificate))
    pulumi.export("clear", credentials.values)


def run(name: str, program: Callable[[], None] | None = None) -> dict[str, int]:
    """As `idp up` does it, down to what it clears away before."""
    automation._recover(name, silent())
    return rush(name, program)


def rush(name: str, program: Callable[[], None] | None = None) -> dict[str, int]:
    stack = workspace.open_stack(name, program or (lambda: declare(name)))
    with automation._running(name, silent()) as steps:
        stack.up(on_event=steps.on_event, color="never", suppress_outputs=True)
    return steps.changes


def values(name: str) -> dict[str, str]:
    """The generated values in clear text, as only the holder of the key can see them."""
    shown = workspace.open_stack(name).workspace.stack_outputs(name)["clear"]
    assert shown.secret
    return dict(shown.value)


def hold(name: str) -> None:
    declare(name)
    time.sleep(3600)


def main(name: str, how: str = "") -> int:
    try:
        if how == "RUSH":
            rush(name)
        else:
            run(name, (lambda: hold(name)) if how == "HOLD" else None)
    except IdpError as error:
        sys.stdout.write(f"{error}\n{error.why}\n{error.fix}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
