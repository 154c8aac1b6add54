"""Where Pulumi works for one instance, and with what: folders, passphrase, programs, environment.

Everything lies below the instance's folder, nothing is asked of the network, and no program but the
tools of the bundle is needed.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import semver
from pulumi import automation
from pulumi._version import version as sdk_version

from bootstrap import paths, shell
from bootstrap.errors import IdpError
from stacks import policy
from stacks.state import PROJECT, State

#: Files of past runs to keep: logs of as many runs, history of a quarter of that.
_KEPT = 20
#: Programs that Pulumi starts by name, and the modules of its SDK that do their work in our interpreter.
_LAUNCHERS = {
    "pulumi-resource-pulumi-python": "pulumi.dynamic",
    f"pulumi-analyzer-policy-{policy.RUNTIME}": "pulumi.policy",
}


def state(name: str) -> State:
    """The state files of an instance."""
    return State(_folder(name) / "state", name)


def open_stack(name: str, program: Callable[[], None] | None = None) -> Stack:
    """The instance's stack, made on first use. Raises IDP-P005 where its passphrase is lost."""
    folder = _folder(name)
    for private in (folder, folder / "state"):
        _private(private)
    workspace = automation.LocalWorkspace(
        work_dir=str(_private(folder / "work")),
        pulumi_home=str(_private(folder / "home")),
        program=program,
        env_vars=environment(name),
        project_settings=automation.ProjectSettings(
            PROJECT, "python", backend=automation.ProjectBackend(_url(folder))
        ),
        pulumi_command=Command(),
    )
    stack = Stack(name, workspace)
    if not (state(name).exists and (folder / "work" / f"Pulumi.{name}.yaml").exists()):
        try:
            workspace.create_stack(name)
        except automation.StackAlreadyExistsError:
            workspace.select_stack(name)
    return stack


class Stack(automation.Stack):
    """A stack that does not run the command four times more to learn what its files say."""

    def __init__(self, name: str, workspace: automation.Workspace) -> None:
        self.name = name
        self.workspace = workspace

    def outputs(self) -> automation.OutputMap:
        return {}

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary | None:
        now = datetime.now()
        return automation.UpdateSummary("update", now, "", {}, {}, "succeeded")


class Command(automation.PulumiCommand):
    """The pinned command of the bundle; asking it for its version would take half a second each time."""

    def __init__(self) -> None:
        found = shutil.which("pulumi", path=shell.environment()["PATH"])
        if found is None:
            raise IdpError(
                "IDP-X001",
                "the program `pulumi` was not found",
                f"it is neither in {paths.tools()} nor on PATH",
                "idp bundle build",
            )
        self.command = found
        self.version = semver.VersionInfo.parse(str(sdk_version))


def environment(name: str) -> dict[str, str]:
    """What Pulumi and the providers that it starts must find."""
    folder = _folder(name)
    code = Path(__file__).resolve().parents[1]
    return {
        "PATH": os.pathsep.join([str(_launchers(folder)), shell.environment()["PATH"]]),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(code), os.environ.get("PYTHONPATH")])),
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_BACKEND_URL": _url(folder),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(_passphrase(folder, name)),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # One backup, that of the step before, always exists; one per run would grow without end.
        "PULUMI_DISABLE_CHECKPOINT_BACKUPS": "true",
    }


def tidy(name: str) -> None:
    """Drop all but the latest logs and histories of Pulumi's runs; each run leaves some."""
    folder = _folder(name)
    for leavings in (folder / "home" / "logs", folder / "state" / ".pulumi" / "history" / PROJECT / name):
        files = sorted(leavings.glob("*"), key=lambda file: file.stat().st_mtime)
        for file in files[:-_KEPT]:
            file.unlink(missing_ok=True)


def _folder(name: str) -> Path:
    return paths.instance(name) / "pulumi"


def _url(folder: Path) -> str:
    # Without attributes beside each file: a run killed while it writes them leaves a state that Pulumi
    # cannot read any more ("failed to load checkpoint: EOF"), though the state itself is sound.
    return f"file://{folder / 'state'}?metadata=skip"


def _private(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _passphrase(folder: Path, name: str) -> Path:
    """The file with the passphrase that encrypts secrets in the state; made once, never shown."""
    file = _private(folder) / "passphrase"
    if file.exists() and file.stat().st_size:
        return file
    if state(name).exists:
        raise IdpError(
            "IDP-P005",
            "the passphrase of this platform's state is lost",
            f"{file} is missing; without it the secrets in the state cannot be read",
            f"put the file back from a backup, or start afresh: idp down --name {name} --yes",
        )
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_urlsafe(32))
    return file


def _launchers(folder: Path) -> Path:
    """The folder with the programs by which Pulumi starts providers and policies written in Python."""
    programs = _private(folder / "bin")
    for name, module in _LAUNCHERS.items():
        script = programs / name
        text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -u -m {module} "$@"\n'
        if not script.exists() or script.read_text() != text:
            script.write_text(text)
            script.chmod(0o700)
    return programs
