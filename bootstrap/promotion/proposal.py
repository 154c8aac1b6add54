"""What a promotion would do: compare two platforms and refuse what may not be. Nothing changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from bootstrap import instance
from bootstrap.errors import IdpError
from bootstrap.gitops import ORG
from bootstrap.model import Edge
from bootstrap.parallel import gather
from bootstrap.progress import Reporter, Step
from bootstrap.promotion import gate, images, mirror, modelling, places, record, session, who
from bootstrap.promotion.book import Book
from bootstrap.promotion.difference import Relation, RepositoryChange
from bootstrap.promotion.images import Pinned
from bootstrap.promotion.lines import lines
from bootstrap.promotion.modelling import Models
from bootstrap.promotion.moves import Moves, moves
from bootstrap.promotion.record import Commits, Record, Refs, Side, State
from bootstrap.promotion.session import Compared


@dataclass(frozen=True)
class Wish:
    """What a user asks for: `only` these repositories (`ORG/NAME`), all where empty."""

    source: str
    target: str
    only: tuple[str, ...] = ()
    overwrite: tuple[str, ...] = ()
    models: bool = False


@dataclass(frozen=True)
class Proposal:
    """What a promotion would do, with both platforms within reach; nothing has changed yet."""

    wish: Wish
    seen: Compared
    moves: Moves
    models: Models
    book: Book
    edge: Edge
    entry: Record
    unfinished: bool
    naming: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pinned: Pinned = field(default_factory=Pinned)

    def __bool__(self) -> bool:
        return bool(self.moves or self.models or self.unfinished)


@contextmanager
def proposed(wish: Wish, reporter: Reporter) -> Iterator[Proposal]:
    """Compare, and refuse what may not be. Holds the target for itself.

    Raises what `idp diff` raises, IDP-M010 (the target has changes of its own), IDP-M011 (another promotion
    to it is unfinished), IDP-M015 (no such way), IDP-M018 (no such repository).
    """
    with instance.lock(wish.target), session.compared(wish.source, wish.target, reporter) as seen:
        required = gate.edge(seen.target.plan.promotions, wish.source, wish.target)
        refuse_unknown(wish, seen)
        source = places.identity(seen.source)
        with reporter.step("read what was promoted before"):
            book = Book(seen.target.git)
            begun = book.unfinished()
            refuse_other(begun, source, wish)
            wish = replace(wish, models=wish.models or bool(begun and begun.models))
            brought = book.ledger(source.cluster)
        found = moves(seen.difference, brought, wish.only, wish.overwrite)
        refuse_diverged(found, wish)
        known = Models()
        if wish.models:
            with reporter.step("compare models"):
                known = modelling.foreseen(seen, wish.only, found.platform)
        with reporter.step("fetch what moves") as step:
            naming = fetched(seen, found, step)
            texts = [change.new or "" for change in found.files.get("deployments", ())]
            pinned = images.pinned(texts, seen.lock, seen.target)
        entry = drafted(wish, seen, found, known, begun, source)
        yield Proposal(wish, seen, found, known, book, required, entry, begun is not None, naming, pinned)


def refuse_unknown(wish: Wish, seen: Compared) -> None:
    """Raises IDP-M018 where a repository that was named exists on neither platform."""
    known = {*seen.mine.refs, *seen.theirs.refs}
    unknown = [name for name in wish.only if name not in known]
    if unknown:
        raise IdpError(
            "IDP-M018",
            f"`{wish.source}` has no repository {', '.join(unknown)}",
            f"it has {', '.join(sorted(seen.mine.refs)) or 'none'}",
            f"idp promote --from {wish.source} --to {wish.target}",
        )


def refuse_other(begun: Record | None, source: Side, wish: Wish) -> None:
    """Raises IDP-M011 where the unfinished promotion to the target is from elsewhere."""
    if begun and begun.source.cluster != source.cluster:
        raise IdpError(
            "IDP-M011",
            f"a promotion from `{begun.source.name}` to `{wish.target}` is unfinished",
            f"{begun.id}, begun by {begun.by.name} at {begun.begun}",
            f"idp promote --from {begun.source.name} --to {wish.target}, "
            f"or idp promote --to {wish.target} --rollback",
        )


def refuse_diverged(found: Moves, wish: Wish) -> None:
    """Raises IDP-M010 with everything that would be lost."""
    if found.diverged:
        first = next(iter(found.diverged))
        raise IdpError(
            "IDP-M010",
            f"`{wish.target}` has changes of its own, which this promotion would lose",
            f"take them over on `{wish.source}` (fetch them from there, merge, push), or give them up",
            f"idp promote --from {wish.source} --to {wish.target} --overwrite {first}",
            [f"{name}: {why}" for name, why in found.diverged.items()],
        )


def fetched(seen: Compared, found: Moves, step: Step) -> dict[str, list[str]]:
    """Have the commits of what moves on this machine; returns the files in them that name the source."""
    source = places.remote(seen.source)
    facts = seen.source.plan.facts
    words = [word for word in (facts.domain, f"{facts.registry}/") if word]

    def fetch(change: RepositoryChange) -> list[str]:
        wanted = {ref.name: ref.new for ref in change.refs if ref.new}
        folder = mirror.fetched(change.name, source, wanted)
        head = wanted.get(places.HEAD)
        return mirror.naming(folder, head, words) if head else []

    found_in = gather(partial(fetch, change) for change in found.repositories)
    step.note(f"{len(found.repositories)} repositories")
    pairs = zip(found.repositories, found_in, strict=True)
    return {change.name: files for change, files in pairs if files}


def drafted(
    wish: Wish, seen: Compared, found: Moves, known: Models, begun: Record | None, source: Side
) -> Record:
    """The record of what is about to happen, or of what was begun and goes on."""
    at = record.now()
    before = {name: Commits(before=head) for name, head in places.heads(seen.target).items()}
    moved = {
        change.name: Refs(
            before={ref.name: ref.old for ref in change.refs if ref.old},
            after={ref.name: ref.new for ref in change.refs if ref.new},
            new=change.relation is Relation.NEW,
        )
        for change in found.repositories
    }
    stacks = [instance.get(one.plan.target.name).stack for one in (seen.target, seen.source)]
    entry = Record(
        id=record.new_id(wish.source, at),
        state=State.BEGUN,
        source=source,
        target=places.identity(seen.target),
        by=who.me(),
        begun=at,
        stack=Commits(before=stacks[0], after=stacks[1]),
        platform=before,
        files={f"{ORG}/{name}": tuple(c.path for c in changes) for name, changes in found.files.items()},
        repositories=moved,
        images={i.name: i.new for i in seen.difference.images if i.new},
        services=found.services,
        difference=(*lines(seen.difference, found), *modelling.lines(known.changes)),
        content=content(seen, found, known),
    )
    return entry if begun is None else continued(begun, entry)


def continued(begun: Record, entry: Record) -> Record:
    """A promotion that goes on: as it was before it began, and after it whatever is moved now, too."""
    repositories = dict(entry.repositories)
    for name, refs in begun.repositories.items():
        later = repositories.get(name, Refs())
        repositories[name] = Refs(
            before={**later.before, **refs.before} if not refs.new else {},
            after={**refs.after, **later.after},
            new=refs.new,
        )
    return begun.but(
        platform={**entry.platform, **begun.platform},
        files={
            name: tuple(sorted({*begun.files.get(name, ()), *entry.files.get(name, ())}))
            for name in sorted({*begun.files, *entry.files})
        },
        repositories=repositories,
        images={**begun.images, **entry.images},
        services=tuple(sorted({*begun.services, *entry.services})),
        difference=tuple(dict.fromkeys((*begun.difference, *entry.difference))),
    )


def content(seen: Compared, found: Moves, known: Models) -> str:
    """A hash of what moves: an approval is of this and nothing else."""
    difference = seen.difference
    rendered = [(change.path, change.new) for package in difference.packages for change in package.files] + [
        (change.path, change.new) for change in (*difference.catalogue, *difference.templates)
    ]
    digests = [(image.name, image.new) for image in difference.images]
    whole = [found.coming(), found.going(), rendered, digests, known.content]
    return hashlib.sha256(json.dumps(whole).encode(errors="surrogateescape")).hexdigest()
