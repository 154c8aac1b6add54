"""Take a promotion back: what it changed becomes as it was, and everything else stays.

Refused where somebody has changed the same things since. Databases are not turned back: where a package's new
version has changed its tables, its old one has to live with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from bootstrap import instance, tree
from bootstrap.errors import IdpError
from bootstrap.gitea import Gitea
from bootstrap.parallel import gather
from bootstrap.progress import Reporter
from bootstrap.promotion import ledger, mirror, modelling, places, record, restoring, session, settling, who
from bootstrap.promotion.book import Book
from bootstrap.promotion.ledger import Ledger
from bootstrap.promotion.mirror import Push
from bootstrap.promotion.moves import service_of
from bootstrap.promotion.record import Commits, Consent, Model, Record, State
from bootstrap.promotion.restoring import Back
from bootstrap.promotion.session import Reached

_DEPLOYMENTS, _PLATFORM = "idp/deployments", "idp/platform"


@dataclass(frozen=True)
class Return:
    """What taking a promotion back would do, with the platform within reach.

    `files` and `refs` are by repository; `deleted` are repositories that came with it.
    """

    at: Reached
    book: Book
    entry: Record
    files: Mapping[str, Back] = field(default_factory=dict)
    refs: Mapping[str, Back] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """A line for each thing that changes."""
        files = [
            f"file {name}/{path}: {'as before' if blob else 'removed'}"
            for name, back in self.files.items()
            for path, blob in back.files.items()
        ]
        refs = [
            f"repository {name}: {ref} {'-> ' + commit[:7] if commit else 'removed'}"
            for name, back in self.refs.items()
            for ref, commit in back.files.items()
        ]
        models = [f"model {name}: {_said(model)}" for name, model in self.entry.models.items()]
        return [
            *models,
            *files,
            *refs,
            *(f"repository {name}: deleted, it came with it" for name in self.deleted),
        ]

    @property
    def gone(self) -> list[str]:
        """Services that did not exist before."""
        back = self.files.get(_DEPLOYMENTS, Back({})).files
        return [name for path, blob in back.items() if blob is None and (name := service_of(path))]

    @property
    def again(self) -> list[str]:
        """Services that are to be as they were."""
        back = self.files.get(_DEPLOYMENTS, Back({})).files
        return [name for path, blob in back.items() if blob and (name := service_of(path))]


@contextmanager
def proposed(name: str, reporter: Reporter) -> Iterator[Return]:
    """What the newest promotion to a platform changed that is still so. Holds the platform for itself.

    Raises IDP-M002, IDP-M019 (there is none), IDP-M006 (changed since).
    """
    with instance.lock(name), session.reached(name, reporter) as at:
        with reporter.step("read the newest promotion"):
            book = Book(at.git)
            entry = newest(book, name)
        with reporter.step("see what it changed"):
            found = _return(at, book, entry)
        refuse_changed(found, name)
        yield found


def carry_out(found: Return, reporter: Reporter) -> Record:
    """Do it, services first, and write that down. Raises IDP-M013, IDP-M014."""
    git, entry = found.at.git, found.entry
    with reporter.step("services"):
        _restore(git, _DEPLOYMENTS, found.files.get(_DEPLOYMENTS, Back({})), entry.id)
        found.at.cluster.refresh_applications()
    with reporter.step("wait until new ones are gone") as step:
        settling.wait(found.at.cluster, (), found.gone, {}, step)
    with reporter.step("repositories"):
        gather(partial(_return_refs, found, name) for name in found.refs)
        for name in found.deleted:
            git.delete_repo(*name.split("/"))
    with reporter.step("models"):
        if not _platform_is_back(found):
            modelling.take_back(found.at, entry.models)
    with reporter.step("platform"):
        for name, back in found.files.items():
            if name != _DEPLOYMENTS:
                _restore(git, name, back, entry.id)
        _remember_stack(found)
    with reporter.step("wait until the others run as before") as step:
        settling.wait(found.at.cluster, found.again, (), _heads(found), step)
    with reporter.step("write that down"):
        undone = entry.but(state=State.ROLLED_BACK, rolled_back=Consent(by=who.me(), at=record.now()))
        found.book.write(undone, _ledger_before(found))
    return undone


def newest(book: Book, name: str) -> Record:
    """The newest promotion that was not taken back yet. Raises IDP-M019."""
    for entry in book.records():
        if entry.state in (State.DONE, State.BEGUN):
            return entry
    raise IdpError(
        "IDP-M019",
        f"there is no promotion to `{name}` to take back",
        "its repository idp/promotions has none that is done and not rolled back",
        f"idp open gitea --name {name}",
    )


def refuse_changed(found: Return, name: str) -> None:
    """Raises IDP-M006 with everything that somebody has changed since."""
    faults = [
        f"{repository}/{path}" for repository, back in found.files.items() for path in back.changed_since
    ]
    faults += [f"{repository} {ref}" for repository, back in found.refs.items() for ref in back.changed_since]
    if faults:
        raise IdpError(
            "IDP-M006",
            f"what {found.entry.id} brought to `{name}` has been changed since",
            "taking it back would lose these changes",
            "undo them, or promote a corrected state",
            faults,
        )


def _return(at: Reached, book: Book, entry: Record) -> Return:
    files = {name: _back(at.git, name, entry) for name in entry.platform}
    held = dict(
        zip(entry.repositories, gather(partial(_refs, at.git, n) for n in entry.repositories), strict=True)
    )
    refs = {name: restoring.refs(entry.repositories[name], held[name]) for name in entry.repositories}
    deleted = []
    for name, moved in entry.repositories.items():
        own = set(held[name].items()) - set(moved.after.items())
        if moved.new and not own and held[name]:
            deleted.append(name)
            refs[name] = Back({})
        elif moved.new and own:
            refs[name] = Back({}, tuple(sorted(ref for ref, _ in own)))
    return Return(
        at,
        book,
        entry,
        {name: back for name, back in files.items() if back.files or back.changed_since},
        {name: back for name, back in refs.items() if back.files or back.changed_since},
        tuple(deleted),
    )


def _back(git: Gitea, name: str, entry: Record) -> Back:
    """The way back of what idp rendered and of what moved in a repository of the platform's own.

    Of a promotion that is unfinished, these are taken to be as it has left them. All other files are
    somebody's, and none of them is touched.
    """
    org, _, repo = name.partition("/")
    commits = entry.platform[name]
    now = git.files(org, repo)
    before = git.files(org, repo, commits.before) if commits.before else {}
    after = git.files(org, repo, commits.after) if commits.after else now
    records = [git.blob(org, repo, found[tree.RECORD]) for found in (before, after) if tree.RECORD in found]
    ours = {tree.RECORD, *entry.files.get(name, ())}.union(*map(tree.written, records))
    old, new, found = (
        {path: blob for path, blob in held.items() if path in ours} for held in (before, after, now)
    )
    return restoring.files(old, new, found)


def _refs(git: Gitea, name: str) -> dict[str, str]:
    org, _, repo = name.partition("/")
    return git.refs(org, repo) if git.description(org, repo) else {}


def _restore(git: Gitea, name: str, back: Back, reason: str) -> None:
    """One commit that brings files back; their contents are still in the repository."""
    org, _, repo = name.partition("/")
    now = git.files(org, repo) if back.files else {}
    changes = []
    for path, blob in back.files.items():
        if blob is None:
            changes.append(tree.Change("delete", path, replaces=now[path]))
            continue
        operation: tree.Operation = "update" if path in now else "create"
        changes.append(tree.Change(operation, path, git.blob(org, repo, blob), now.get(path, "")))
    git.commit(org, repo, changes, f"Take back {reason}")


def _return_refs(found: Return, name: str) -> None:
    """Branches and tags to where they led; the commits are still there, or kept under a name of their own."""
    remote, moved = places.remote(found.at), found.entry.repositories[name]
    back = found.refs[name].files
    folder = mirror.held(name, remote, [commit for commit in back.values() if commit])
    mirror.sent(name, folder, remote, [Push(ref, c, moved.after.get(ref, "")) for ref, c in back.items()])


def _said(model: Model) -> str:
    if model.new:
        return "removed, it came with it"
    versions = [f"version {number} removed" for number in model.versions]
    aliases = [f"{alias} -> {number or 'none'}" for alias, number in model.aliases_before.items()]
    return ", ".join([*versions, *aliases]) or "its runs removed"


def _platform_is_back(found: Return) -> bool:
    """Did an earlier run come as far as that? Then models are back, and MLflow may be of before."""
    commits = found.entry.platform.get(_PLATFORM, Commits())
    after = commits.after or places.head(found.at, "platform")
    return commits.before != after and _PLATFORM not in found.files


def _heads(found: Return) -> dict[str, str]:
    """Repository -> the commit that its applications have to be at."""
    back = {name: refs.files.get(places.HEAD) for name, refs in found.refs.items()}
    heads = {name: commit for name, commit in back.items() if commit}
    if _PLATFORM in found.files:
        heads[_PLATFORM] = places.head(found.at, "platform")
    return heads


def _remember_stack(found: Return) -> None:
    here, stack = instance.get(found.at.plan.target.name), found.entry.stack
    if stack.before and here.stack == stack.after:
        instance.remember(replace(here, stack=stack.before))


def _ledger_before(found: Return) -> Ledger:
    """What the source has brought and is still there."""
    cluster = found.entry.source.cluster
    coming = [
        (f"{name.removeprefix('idp/')}/{path}", blob)
        for name, back in found.files.items()
        for path, blob in back.files.items()
        if blob
    ]
    coming += [
        (ledger.of_ref(name, ref), commit)
        for name, back in found.refs.items()
        for ref, commit in back.files.items()
        if commit
    ]
    return ledger.widened(found.book.ledger(cluster), coming)
