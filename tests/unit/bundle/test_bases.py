"""Bootstrapping a base image: what several of them at the same time have in common."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bootstrap import paths

#: Refuses to run twice at the same time, as the real one does, and installs a debootstrap that fails.
APT_GET = """#!/bin/sh
[ "$1" = indextargets ] && exit 0
mkdir "$HERE/lock" || { echo "E: Could not get lock" >&2; exit 100; }
echo "$1" >>"$HERE/calls"
sleep 0.3
[ "$1" = install ] && cp "$HERE/debootstrap.sh" "$HERE/bin/debootstrap"
rmdir "$HERE/lock"
"""


def test_two_releases_install_debootstrap_once_between_them(tmp_path: Path) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (tmp_path / "debootstrap.sh").write_text("#!/bin/sh\necho reached >&2\nexit 7\n")
    (binaries / "apt-get").write_text(APT_GET)
    for tool in (
        "sh",
        "flock",
        "mkdir",
        "rmdir",
        "sleep",
        "cp",
        "cat",
        "mktemp",
        "rm",
        "grep",
        "cut",
        "sed",
        "awk",
        "head",
    ):
        (binaries / tool).symlink_to(shutil.which(tool) or tool)
    for file in (binaries / "apt-get", tmp_path / "debootstrap.sh"):
        file.chmod(0o755)
    environment = {
        "PATH": str(binaries),
        "HERE": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "IDP_DEBIAN_MIRROR": "http://127.0.0.1:9/debian",
    }
    script = paths.images() / "debian" / "rootfs.sh"

    runs = [
        subprocess.Popen(
            ["sh", str(script), release], env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        for release in ("12", "13")
    ]
    said = [run.communicate(timeout=30)[1].decode() for run in runs]

    assert all("reached" in text for text in said), said
    assert (tmp_path / "calls").read_text().split() == ["update", "install"]
