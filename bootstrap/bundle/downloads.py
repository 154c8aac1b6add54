"""Official downloads of tools, for a host on the open internet: nobody there compiles what is published.

Each stands in for the stage of the tools' Dockerfile that would build it.
"""

from __future__ import annotations

import hashlib
import os
import platform as machine
import shutil
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from bootstrap.bundle import net
from bootstrap.bundle.layout import disk_trouble, mismatch

_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Download:
    """A file to fetch and its hash; `member` is the program's name if the file is an archive."""

    name: str
    stage: str
    url: str
    sha256: str
    member: str = ""


def host() -> str:
    """This host as the list of downloads names it, such as `linux-amd64`."""
    architecture = machine.machine()
    return f"{sys.platform}-{_ARCHITECTURES.get(architecture, architecture)}"


def listed(file: Path, for_host: str) -> list[Download]:
    """The downloads for a host whose hash is known; the other tools are built."""
    entries: Mapping[str, Any] = (yaml.safe_load(file.read_text()) or {}) if file.is_file() else {}
    found = [_download(name, entry, for_host) for name, entry in entries.items()]
    return [download for download in found if download.sha256]


def provide(downloads: list[Download], folder: Path) -> dict[str, Path]:
    """Fetch what is missing; returns stage -> a folder with the program in `bin-out/`.

    Raises IDP-B003 on a wrong hash, and httpx.HTTPError where a download cannot be had.
    """
    stages: dict[str, Path] = {}
    with net.client() as http:
        for download in downloads:
            place = folder / download.sha256
            if not place.is_dir():
                _fetch(download, place, http)
            stages[download.stage] = place
    return stages


def _download(name: str, entry: Mapping[str, Any], for_host: str) -> Download:
    spelling = entry.get("platforms", {}).get(for_host, for_host)
    return Download(
        name,
        entry.get("stage", name),
        entry["url"].format(platform=spelling),
        entry.get("sha256", {}).get(for_host) or "",
        entry.get("file", ""),
    )


def _fetch(download: Download, place: Path, http: httpx.Client) -> None:
    work = place.with_name(f"{place.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    try:
        (work / "bin-out").mkdir(parents=True)
        received = work / "download"
        digest = hashlib.sha256()
        with http.stream("GET", download.url) as answer, received.open("wb") as file:
            answer.raise_for_status()
            for chunk in answer.iter_bytes(1 << 20):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != download.sha256:
            raise mismatch(download.url, download.sha256, digest.hexdigest())
        _extract(download, received, work / "bin-out" / download.name)
        received.unlink()
        work.rename(place)
    except OSError as error:
        raise disk_trouble(error, place.parent) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _extract(download: Download, received: Path, program: Path) -> None:
    if download.member:
        with tarfile.open(received) as archive:
            member = archive.extractfile(download.member)
            if member is None:
                raise KeyError(download.member)
            with member, program.open("wb") as file:
                shutil.copyfileobj(member, file)
    else:
        shutil.copyfile(received, program)
    program.chmod(0o755)
    os.utime(program, (0, 0))
