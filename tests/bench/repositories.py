"""Repositories of users as a promotion finds them: alike, each with a history of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from bootstrap import http, paths, shell, tree
from bootstrap.gitea import Gitea
from bootstrap.parallel import gather
from bootstrap.promotion import places
from bootstrap.promotion.mirror import Remote
from bootstrap.promotion.session import Reached

ORG = "bench"
COMMITS, FILES = 20, 30
_WHO = "Bench <bench@localhost>"
_BEGAN = 1_700_000_000


def names(count: int) -> list[str]:
    """Other names for each count: copies that an earlier promotion left in a cache are of no use."""
    return [f"of-{count}-{number:03}" for number in range(count)]


def make(at: Reached, wanted: Collection[str]) -> None:
    at.git.ensure_org(ORG, ORG)
    gather(partial(_make, at.git, places.remote(at), name) for name in wanted)


def change(at: Reached, name: str) -> None:
    """One commit that changes one file."""
    path = _path(0)
    old = tree.blob(at.git.read(ORG, name, path))
    update = tree.Change("update", path, f"Changed in {name}\n".encode(), old)
    at.git.commit(ORG, name, [update], "Change a file")


def remove(at: Reached) -> None:
    """All of them, with their organisation and the copies of them on this machine."""
    gather(partial(at.git.delete_repo, ORG, name) for name in at.git.repositories(ORG))
    remote = places.remote(at)
    with http.client(remote.instance, f"{remote.url}/api/v1/") as client:
        client.delete(f"orgs/{ORG}", headers={"Authorization": f"token {remote.token}"})
    for copies in (paths.cache() / "mirrors").glob(f"*/{ORG}"):
        shutil.rmtree(copies)


def _make(git: Gitea, remote: Remote, name: str) -> None:
    git.ensure_repo(ORG, name, "Made by the benchmark")
    with tempfile.TemporaryDirectory() as folder:
        run = partial(shell.run, cwd=Path(folder), env=remote.environment(), timeout=300)
        run(["git", "init", "--quiet", "--bare"])
        run(["git", "fast-import", "--quiet"], stdin=history(name))
        run(["git", "push", "--quiet", "--mirror", remote.repository(f"{ORG}/{name}")])


def history(name: str) -> str:
    """What `git fast-import` makes a repository of: commits on `main`, a branch with one more, a tag."""
    lines = [_commit("main", 0, [(path, f"{path} of {name}") for path in map(_path, range(FILES))])]
    lines += [_commit("main", n, [(_path(n), f"Commit {n} of {name}")]) for n in range(1, COMMITS)]
    lines += ["reset refs/heads/review", "from refs/heads/main", ""]
    lines += [_commit("review", COMMITS, [("src/more.py", f"More of {name}")])]
    lines += ["tag v1", "from refs/heads/main", f"tagger {_WHO} {_BEGAN} +0000", _data("The first")]
    return "\n".join(lines)


def _commit(branch: str, number: int, files: Collection[tuple[str, str]]) -> str:
    return "\n".join(_lines(branch, number, files))


def _lines(branch: str, number: int, files: Collection[tuple[str, str]]) -> Iterator[str]:
    yield f"commit refs/heads/{branch}"
    yield f"committer {_WHO} {_BEGAN + number} +0000"
    yield _data(f"Commit {number}")
    for path, text in files:
        yield f"M 100644 inline {path}"
        yield _data(f"{text}\n" * 20)


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}"


def _path(number: int) -> str:
    return f"src/part_{number:02}.py"
