"""Where Pulumi works for one instance, and with what: folders, programs, environment.

All but a shared state lies below the instance's folder, and no program but the tools of the bundle is
needed.
"""

from __future__ import annotations

import os
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
from stacks import backend, policy
from stacks.backend import private
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
    return backend.of(name).state()


def open_stack(name: str, program: Callable[[], None] | None = None) -> Stack:
    """The instance's stack, made on first use. Raises IDP-P005 where its passphrase is lost."""
    folder, home = private(_folder(name)), backend.of(name)
    workspace = automation.LocalWorkspace(
        work_dir=str(private(folder / "work")),
        pulumi_home=str(private(folder / "home")),
        program=program,
        env_vars=environment(name),
        secrets_provider=home.secrets_provider or None,
        project_settings=automation.ProjectSettings(
            PROJECT, "python", backend=automation.ProjectBackend(home.url)
        ),
        pulumi_command=Command(),
    )
    settings = folder / "work" / f"Pulumi.{name}.yaml"
    if wanted := home.settings():
        settings.write_text(wanted)
    if not (home.state().exists and settings.exists()):
        with backend.begun(name):
            try:
                workspace.create_stack(name)
            except automation.StackAlreadyExistsError:
                workspace.select_stack(name)
    return Stack(name, workspace)


def discard(name: str) -> None:
    """Remove what a destroyed stack leaves where others share the store. Raises IDP-C019 for a living one."""
    known = state(name)
    if not known.shared or not known.exists:
        return
    left = [r["urn"] for r in known.read().resources if r["type"] != "pulumi:pulumi:Stack"]
    if left:
        raise IdpError(
            "IDP-C019",
            f"the state of `{name}` is kept: it knows of things that still exist",
            f"{len(left)} of them, the first is {left[0]}",
            f"idp down --cloud --name {name}",
        )
    known.discard()


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
    home = backend.of(name)
    code = Path(__file__).resolve().parents[1]
    return {
        "PATH": os.pathsep.join([str(_launchers(_folder(name))), shell.environment()["PATH"]]),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(code), os.environ.get("PYTHONPATH")])),
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_BACKEND_URL": home.url,
        **home.environment(),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # One backup, that of the step before, always exists; one per run would grow without end.
        "PULUMI_DISABLE_CHECKPOINT_BACKUPS": "true",
    }


def tidy(name: str) -> None:
    """Drop all but the latest logs and histories of Pulumi's runs; each run leaves some."""
    logs = sorted((_folder(name) / "home" / "logs").glob("*"), key=lambda file: file.stat().st_mtime)
    for file in logs[:-_KEPT]:
        file.unlink(missing_ok=True)
    state(name).tidy(_KEPT)


def _folder(name: str) -> Path:
    return paths.instance(name) / "pulumi"


def _launchers(folder: Path) -> Path:
    """The folder with the programs by which Pulumi starts providers and policies written in Python."""
    programs = private(folder / "bin")
    for name, module in _LAUNCHERS.items():
        script = programs / name
        text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -u -m {module} "$@"\n'
        if not script.exists() or script.read_text() != text:
            script.write_text(text)
            script.chmod(0o700)
    return programs
