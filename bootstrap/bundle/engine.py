"""The container engine as the bundle uses it: build, save, load and tag images. Thin."""

from __future__ import annotations

import json
import platform as machine
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bootstrap import shell
from bootstrap.bundle import process
from bootstrap.errors import IdpError

DOCKER = "docker"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Engine:
    """What `docker info` says that matters here."""

    version: str
    platform: str
    desktop: bool
    rootless: bool
    memory_gib: float = 0.0


def find() -> Engine:
    """The running engine. Raises IDP-B005 where none answers or its builder is missing."""
    if not shutil.which(DOCKER):
        raise _no_engine(f"the program `{DOCKER}` was not found")
    done = shell.run([DOCKER, "info", "--format", "{{json .}}"], check=False, timeout=60)
    info: dict[str, Any] = json.loads(done.out) if done.out.startswith("{") else {}
    if done.code or not info.get("ServerVersion"):
        raise _no_engine(shell.tail(done.err) or "; ".join(info.get("ServerErrors") or []))
    return of_info(info)


def _no_engine(why: str) -> IdpError:
    return IdpError("IDP-B005", "no container engine answers", why, "make engine")


def of_info(info: Mapping[str, Any]) -> Engine:
    architecture = info.get("Architecture") or machine.machine()
    return Engine(
        version=info["ServerVersion"],
        platform=f"{info.get('OSType', 'linux')}/{_ARCHITECTURES.get(architecture, architecture)}",
        desktop="Docker Desktop" in info.get("OperatingSystem", ""),
        rootless=any("rootless" in option for option in info.get("SecurityOptions") or []),
        memory_gib=info.get("MemTotal", 0) / 2**30,
    )


def require_buildx() -> None:
    """Raises IDP-B005 where the engine has no `buildx`."""
    if shell.run([DOCKER, "buildx", "version"], check=False, timeout=30).code:
        raise IdpError(
            "IDP-B005",
            "the container engine cannot build images",
            "its plugin `buildx` is missing",
            "install docker-buildx (docker-buildx-plugin beyond Debian), then run `idp bundle build`",
        )


def bake(file: Path, target: str, log: Path, env: Mapping[str, str]) -> int:
    """Build one target of a bake file into the engine's images; its output goes to `log`."""
    options = ["--builder", "default", "--progress", "plain", "--file", str(file)]
    return process.logged(
        [DOCKER, "buildx", "bake", *options, target],
        log,
        # Newer builders ask on a terminal before they read files outside the working folder.
        {**env, "BUILDX_BAKE_ENTITLEMENTS_FS": "0", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
    )


def tags() -> set[str]:
    """References of all images that the engine has."""
    done = shell.run([DOCKER, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"], timeout=60)
    return set(done.out.split())


def tag(image: str, *names: str) -> None:
    for name in names:
        shell.run([DOCKER, "image", "tag", image, name], timeout=60)


def untag(images: Sequence[str]) -> None:
    """Take names away, and what has no name left; an image that a container uses stays."""
    present = sorted(set(images) & tags())
    if present:
        shell.run([DOCKER, "image", "rm", *present], check=False, timeout=600)


def saving(image: str) -> AbstractContextManager[IO[bytes]]:
    """An image as the tar that the engine makes of it."""
    return process.reading([DOCKER, "image", "save", image])


def loading() -> AbstractContextManager[IO[bytes]]:
    """A stream that takes an image as a tar."""
    return process.writing([DOCKER, "image", "load"])


def importing(image: str, platform: str, changes: Sequence[str] = ()) -> AbstractContextManager[IO[bytes]]:
    """A stream that takes a root file system as a tar and makes an image of one layer."""
    options = [option for change in changes for option in ("--change", change)]
    return process.writing([DOCKER, "image", "import", "--platform", platform, *options, "-", image])


def run_once(image: str, *command: str) -> str:
    """What a command in a fresh container prints; empty if it fails."""
    entrypoint, *arguments = command
    done = shell.run(
        [DOCKER, "run", "--rm", "--network", "none", "--entrypoint", entrypoint, image, *arguments],
        check=False,
        timeout=60,
    )
    return done.out.strip() if not done.code else ""


def run_offline(image: str, folder: Path, command: Sequence[str], seconds: int) -> shell.Result:
    """Run a command as the image's own user, without a network, on `folder` mounted read-only at /repo.

    It is ended after `seconds`; the exit code is then 124 or 137.
    """
    limits = ["--network", "none", "--read-only", "--tmpfs", "/tmp:exec", "--memory", "3g"]  # noqa: S108
    rights = ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "512"]
    mounted = ["--volume", f"{folder}:/repo:ro", "--workdir", "/repo", "--entrypoint", "timeout"]
    bounded = ["--kill-after=10", str(seconds), *command]
    run = [DOCKER, "run", "--rm", "--init", *limits, *rights, *mounted, image, *bounded]
    return shell.run(run, check=False, timeout=seconds + 120)


def run_as_root(image: str, mounted: Path, script: str, arguments: Sequence[str]) -> None:
    """Run a shell script as root in a container of `image` that sees `mounted` at the same path."""
    command = [DOCKER, "run", "--rm", "--network", "none", "--volume", f"{mounted}:{mounted}", "--entrypoint"]
    shell.run([*command, "sh", image, "-euc", script, "sh", *arguments], timeout=1800)


def commit(container: str, like: str, image: str) -> None:
    """An image of a container's files that starts as the image `like` does."""
    found = shell.run([DOCKER, "image", "inspect", "--format", "{{json .Config}}", like], timeout=60)
    config = json.loads(found.out)
    entrypoint, command = json.dumps(config["Entrypoint"] or []), json.dumps(config.get("Cmd") or [])
    changes = ["--change", f"ENTRYPOINT {entrypoint}", "--change", f"CMD {command}"]
    shell.run([DOCKER, "container", "commit", *changes, container, image], timeout=600)
