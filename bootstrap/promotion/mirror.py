"""Users' repositories from one Gitea to another, by Git itself: the same commits, branches and tags.

A copy of each repository stays in the cache, so that the next promotion fetches only what is new.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bootstrap import http, paths, shell
from bootstrap.errors import IdpError

#: Seconds that one fetch or push may take.
WITHIN = 3600.0
_FETCHED = "refs/source/"


@dataclass(frozen=True)
class Remote:
    """A Gitea as Git reaches it: its instance, public URL and an access token."""

    instance: str
    url: str
    token: str

    def repository(self, name: str) -> str:
        return f"{self.url}/{name}.git"

    def environment(self) -> dict[str, str]:
        """Settings for Git that no argument, file or log shows, and none of the user's own."""
        settings = [
            (f"http.{self.url}/.extraHeader", f"Authorization: token {self.token}"),
            ("credential.helper", ""),
            ("http.followRedirects", "false"),
        ]
        parts = urlsplit(self.url)
        if (parts.hostname or "").endswith("localhost"):
            settings.append(("http.curloptResolve", f"{parts.hostname}:{parts.port or 443}:{http.LOOPBACK}"))
            settings.append(("http.proxy", ""))
        named = {
            f"GIT_CONFIG_{kind}_{number}": value
            for number, pair in enumerate(settings)
            for kind, value in zip(("KEY", "VALUE"), pair, strict=True)
        }
        certificate = paths.ca_certificate(self.instance)
        # A variable, since one of the user's own would win over any setting.
        trusted = {"GIT_SSL_CAINFO": str(certificate)} if certificate.is_file() else {}
        return {
            **named,
            **trusted,
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }


@dataclass(frozen=True)
class Push:
    """One branch or tag: what it leads to, None where it goes, and what it led to before ("" for new)."""

    ref: str
    commit: str | None
    expected: str


def carry(name: str, source: Remote, target: Remote, refs: Iterable[Push]) -> None:
    """Push these branches and tags of a repository from one Gitea to another, all of them or none.

    Raises IDP-M012 where the source no longer has what was listed, IDP-M013 where the target refuses.
    """
    moving = [*refs]
    folder = fetched(name, source, {push.ref: push.commit for push in moving if push.commit})
    sent(name, folder, target, moving)


def sent(name: str, folder: Path, target: Remote, refs: Iterable[Push]) -> None:
    """Push from a folder that has the commits. Raises IDP-M013."""
    moving = [*refs]
    if not moving:
        return
    leases = [f"--force-with-lease={push.ref}:{push.expected}" for push in moving]
    # By ids, not by names: a tag with words of its own is an object like any other.
    specs = [f"{push.commit or ''}:{push.ref}" for push in moving]
    line = ["git", "push", "--quiet", "--atomic", "--no-verify", *leases, target.repository(name), *specs]
    done = shell.run(line, cwd=folder, env=target.environment(), timeout=WITHIN, check=False)
    if done.code:
        raise IdpError(
            "IDP-M013",
            f"the target refuses the branches of {name}",
            done.err.strip(),
            f"idp open gitea --name {target.instance}",
        )


def keep(name: str, target: Remote, reason: str, commits: Iterable[str]) -> None:
    """Let the target keep commits that no branch or tag will lead to, under names that its pages hide."""
    wanted = [*commits]
    if wanted:
        folder = held(name, target, wanted)
        sent(
            name,
            folder,
            target,
            [Push(f"refs/promotions/{reason}/{commit}", commit, "") for commit in wanted],
        )


def naming(folder: Path, commit: str, words: Iterable[str]) -> list[str]:
    """Files of a commit that hold one of these words."""
    chosen = [part for word in words for part in ("-e", word)]
    line = ["git", "grep", "--fixed-strings", "--name-only", "-I", *chosen, commit]
    found = shell.run(line, cwd=folder, check=False, timeout=WITHIN).out.split("\n")
    return [path.removeprefix(f"{commit}:") for path in found if path]


def held(name: str, remote: Remote, commits: Iterable[str]) -> Path:
    """A folder that has these commits of a repository, fetched by their ids."""
    folder = _folder(name, remote)
    if missing := _lacking(folder, commits):
        _git(folder, remote, "fetch", "--quiet", "--no-tags", remote.repository(name), *missing)
    return folder


def fetched(name: str, source: Remote, wanted: Mapping[str, str]) -> Path:
    """The copy of a repository with these refs; made anew where the one in the cache is spoilt."""
    folder = _folder(name, source)
    if _lacking(folder, wanted.values()):
        try:
            _fetch(folder, name, source, wanted)
        except IdpError:
            shutil.rmtree(folder, ignore_errors=True)
            _fetch(_folder(name, source), name, source, wanted)
        refuse_lost(name, wanted, _lacking(folder, wanted.values()))
    return folder


def refuse_lost(name: str, wanted: Mapping[str, str], lacking: Collection[str]) -> None:
    """Raises IDP-M012 with the branches and tags whose commits did not come."""
    if lost := [ref for ref, commit in wanted.items() if commit in lacking]:
        raise IdpError(
            "IDP-M012",
            f"{name} has changed while it was promoted",
            f"these no longer lead where they did: {', '.join(lost)}",
            "run the same again",
        )


def _fetch(folder: Path, name: str, source: Remote, wanted: Mapping[str, str]) -> None:
    specs = [f"+{ref}:{_FETCHED}{ref.removeprefix('refs/')}" for ref in wanted]
    _git(folder, source, "fetch", "--quiet", "--no-tags", source.repository(name), *specs)


def _folder(name: str, remote: Remote) -> Path:
    """The copy in the cache, made where there is none."""
    host = urlsplit(remote.url).netloc.replace(":", "_")
    folder = paths.cache() / "mirrors" / host / f"{name}.git"
    if not (folder / "HEAD").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        shell.run(["git", "init", "--quiet", "--bare", folder], env=remote.environment(), timeout=60)
    return folder


def _lacking(folder: Path, commits: Iterable[str]) -> list[str]:
    """Those that the folder does not have. One question for all: a repository may have thousands of tags."""
    asked = [*commits]
    if not asked:
        return []
    line = ["git", "cat-file", "--batch-check"]
    told = shell.run(line, stdin="\n".join([*asked, ""]), cwd=folder, check=False, timeout=60).out
    found = {words[0] for words in map(str.split, told.splitlines()) if words[1:] != ["missing"]}
    return [commit for commit in asked if commit not in found]


def _git(folder: Path, remote: Remote, *arguments: str) -> None:
    shell.run(["git", *arguments], cwd=folder, env=remote.environment(), timeout=WITHIN)
