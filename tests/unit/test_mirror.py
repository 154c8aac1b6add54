"""The copies of repositories in the cache: what a look at one costs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bootstrap import shell
from bootstrap.errors import IdpError
from bootstrap.promotion import mirror
from bootstrap.promotion.mirror import Remote

TAGS = 50


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """A folder with one repository of a commit and many tags, as Git takes it for a server."""
    monkeypatch.setenv("IDP_CACHE_DIR", str(tmp_path / "cache"))
    found = Remote("a", str(tmp_path / "served"), "")
    stream = "commit refs/heads/main\ncommitter A <a@localhost> 1700000000 +0000\ndata 0\n"
    stream += "".join(f"reset refs/tags/v{number}\nfrom refs/heads/main\n\n" for number in range(TAGS))
    folder = Path(found.repository("ml/pump"))
    subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream.encode(), check=True)
    return found


def refs(remote: Remote) -> dict[str, str]:
    listed = subprocess.check_output(["git", "ls-remote", remote.repository("ml/pump"), "refs/*"], text=True)
    return {ref: commit for commit, ref in map(str.split, listed.splitlines())}


def test_many_tags_take_no_more_commands_than_one(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run = shell.run

    def counted(line: list[str], **given: Any) -> shell.Result:
        asked.append(line[1])
        return run(line, **given)

    monkeypatch.setattr("bootstrap.shell.run", counted)
    wanted = refs(remote)
    assert len(wanted) == TAGS + 1
    mirror.fetched("ml/pump", remote, wanted)
    assert asked == ["init", "cat-file", "fetch", "cat-file"]
    asked.clear()
    mirror.fetched("ml/pump", remote, wanted)
    assert asked == ["cat-file"]


def test_a_commit_that_is_gone_is_told(remote: Remote) -> None:
    with pytest.raises(IdpError, match="IDP-M012") as caught:
        mirror.fetched("ml/pump", remote, {**refs(remote), "refs/heads/main": "1" * 40})
    assert caught.value.why.endswith(": refs/heads/main")
