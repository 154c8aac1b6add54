"""The promotions of a platform, kept in its own Git: a file for each, and a ledger for each source."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from bootstrap import tree
from bootstrap.gitea import Gitea
from bootstrap.giteareviews import Pull
from bootstrap.gitops import ORG
from bootstrap.promotion import ledger, record
from bootstrap.promotion.ledger import Ledger
from bootstrap.promotion.record import Record, State

REPOSITORY = "promotions"
_RECORDS = "records/"
#: A file for each promotion that waits or was begun: who looks for those reads no others, however many.
_OPEN = "open/"
_ABOUT = "What was promoted to this platform: who, when, which commits, digests and models"
_README = b"""\
# promotions

`records/` holds one file for each promotion to this platform, `requests/` what was approved. `ledgers/` says
what each source has brought, so that what came from there is told from what is this platform's own. `open/`
names those that wait or were begun. `idp promote` writes them.
"""


class Book:
    """The book of one platform; what is read of it is what it held when it was opened."""

    def __init__(self, git: Gitea) -> None:
        self._git = git
        self._files = git.files(ORG, REPOSITORY) if git.description(ORG, REPOSITORY) else {}

    def records(self) -> Iterator[Record]:
        """The newest first; each is read when it is asked for. Spoilt ones are left out."""
        return self._read(path for path in self._files if path.startswith(_RECORDS))

    def unfinished(self) -> Record | None:
        """The promotion that was begun last and not finished."""
        return next((r for r in self._underway() if r.state is State.BEGUN), None)

    def ledger(self, cluster: str) -> Ledger:
        blob = self._files.get(_ledger(cluster))
        return ledger.parsed(self._git.blob(ORG, REPOSITORY, blob)) if blob else {}

    def waiting(self, cluster: str) -> list[Record]:
        """Promotions from there that wait for an approval."""
        return [r for r in self._underway() if r.state is State.WAITING and r.source.cluster == cluster]

    def request_for(self, entry: Record) -> Pull | None:
        """The open request for an approval, where there is one."""
        open_pulls = self._git.pulls(ORG, REPOSITORY)
        return next((pull for pull in open_pulls if pull.branch == _branch(entry)), None)

    def open(self, writer: str) -> None:
        """Make sure that there is a repository, which nobody but `writer` changes."""
        if self._files:
            return
        self._git.ensure_repo(ORG, REPOSITORY, _ABOUT)
        self._commit({"README.md": _README}, "Explain this repository")
        self._git.ensure_protection(ORG, REPOSITORY, [writer], [writer])

    def request(self, entry: Record, text: str) -> Pull:
        """Ask for an approval by a pull request that adds the text, which tells people what they agree to."""
        changes = [tree.Change("create", f"requests/{entry.id}.md", text.encode())]
        title = f"Promote from {entry.source.name} to {entry.target.name}"
        self._git.commit(ORG, REPOSITORY, changes, title, branch=_branch(entry))
        return self._git.open_pull(ORG, REPOSITORY, _branch(entry), title, text)

    def merge(self, pull: Pull) -> None:
        self._git.merge_pull(ORG, REPOSITORY, pull)
        self._files = self._git.files(ORG, REPOSITORY)

    def withdraw(self, entry: Record) -> None:
        """Forget a promotion that was asked for and never begun."""
        if pull := self.request_for(entry):
            self._git.close_pull(ORG, REPOSITORY, pull)
        gone = [_record(entry), _marker(entry)]
        self._commit({}, f"{entry.id}: something else is to be moved by now", gone)

    def write(self, entry: Record, brought: Ledger | None = None) -> None:
        """Put down a promotion as it stands, and what its source has brought; one commit, if any."""
        wanted = {_record(entry): record.text(entry).encode()}
        if entry.state in (State.WAITING, State.BEGUN):
            wanted[_marker(entry)] = b"See records/\n"
        if brought is not None:
            wanted[_ledger(entry.source.cluster)] = ledger.text(brought).encode()
        said = f"{entry.id}: {entry.state}"
        self._commit(
            wanted,
            f"{said}\n\nFrom {entry.source.name} to {entry.target.name}, by {entry.by.name}\n",
            [_marker(entry)],
        )

    def _underway(self) -> Iterator[Record]:
        """Those that wait or were begun, the newest first."""
        paths = {f"{_RECORDS}{p.removeprefix(_OPEN)}.yaml" for p in self._files if p.startswith(_OPEN)}
        return self._read(paths & self._files.keys())

    def _read(self, paths: Iterable[str]) -> Iterator[Record]:
        for path in sorted(paths, reverse=True):
            if found := record.parsed(self._git.blob(ORG, REPOSITORY, self._files[path])):
                yield found

    def _commit(self, wanted: dict[str, bytes], message: str, ours: Collection[str] = ()) -> None:
        """One commit, if any; `ours` go where they are not wanted."""
        self._git.commit(ORG, REPOSITORY, tree.changes(wanted, self._files, ours), message)
        kept = {path: blob for path, blob in self._files.items() if path not in ours}
        self._files = {**kept, **{path: tree.blob(content) for path, content in wanted.items()}}


def _record(entry: Record) -> str:
    return f"{_RECORDS}{entry.id}.yaml"


def _marker(entry: Record) -> str:
    return f"{_OPEN}{entry.id}"


def _branch(entry: Record) -> str:
    return f"request/{entry.id}"


def _ledger(cluster: str) -> str:
    return f"ledgers/{cluster}.json"
