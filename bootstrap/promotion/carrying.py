"""Do what was proposed, and write down what was done.

What moves, moves in an order in which nothing runs before what it needs: the platform itself, models and the
pipeline runs that made them, repositories, services. Each step does what is left of it, so that a promotion
that was ended anywhere is finished by the same command.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from bootstrap import instance, tree, up
from bootstrap.gitops import ORG
from bootstrap.parallel import gather
from bootstrap.progress import Reporter, Step
from bootstrap.promotion import desired, images, ledger, mirror, modelling, places, record, settling
from bootstrap.promotion.contents import encoded
from bootstrap.promotion.difference import FileChange, Relation, RepositoryChange
from bootstrap.promotion.mirror import Push
from bootstrap.promotion.permission import permitted
from bootstrap.promotion.proposal import Proposal
from bootstrap.promotion.record import Commits, Record, State
from bootstrap.promotion.session import Compared, Reached

#: Branches and tags that only --overwrite moves, and whose commits nothing else would lead to.
_LOST = {Relation.AHEAD, Relation.DIVERGED}


def carry_out(proposal: Proposal, reporter: Reporter) -> Record:
    """Do it, and write down what was done. Raises IDP-M012 to IDP-M014, IDP-M016, IDP-M017."""
    seen, found, book = proposal.seen, proposal.moves, proposal.book
    with reporter.step("write it down") as step:
        entry = permitted(proposal, step)
        brought = ledger.widened(book.ledger(entry.source.cluster), found.coming())
        book.write(entry, brought)
    if found.platform:
        with reporter.step("platform") as step:
            bring_platform(seen, step)
    if proposal.wish.models:
        with reporter.step("models") as step:
            mine, changes = modelling.pending(seen, proposal.wish.only)
            coming = {change.name: modelling.written(change) for change in changes}
            entry = entry.but(models=modelling.continued(entry.models, coming))
            book.write(entry)  # before any moves: taking them back needs to know how it was
            modelling.bring(seen, mine, changes, entry.models, step)
    with reporter.step("repositories") as step:
        bring_repositories(seen, found.repositories, entry.id, step)
    if proposal.pinned.references:
        with reporter.step("images of services") as step:
            images.bring(seen.target, proposal.pinned, f"idp-promotion-{entry.id}", step)
    with reporter.step("services") as step:
        bring_files(seen.target, found.files, entry.id)
        step.note(f"{len(found.services)} come or change")
    with reporter.step("wait until they run") as step:
        services = set(entry.services) - set(found.gone)
        settled = settling.wait(seen.target.cluster, services, found.gone, heads(entry), step)
        step.note(f"{settled} applications are synced and healthy")
    with reporter.step("write down that it is done"):
        done = finished(entry, seen.target)
        book.write(done, ledger.settled(brought, found.coming(), found.going()))
    return done


def bring_platform(seen: Compared, step: Step) -> None:
    """What idp renders: the source's stack, brought up with the target's facts."""
    stack = instance.get(seen.source.plan.target.name).stack
    here = instance.get(seen.target.plan.target.name)
    up.renew(up.Wish(instance.where(here), stack=stack), up.AUTO, step)


def bring_repositories(
    seen: Compared, changes: Collection[RepositoryChange], reason: str, step: Step
) -> None:
    """Users' repositories with their history; new ones are made, and what is overwritten is kept by name."""
    source, target = places.remote(seen.source), places.remote(seen.target)
    git = seen.target.git
    for org in sorted({change.name.partition("/")[0] for change in changes}):
        bring_organisation(seen, org)

    def bring(change: RepositoryChange) -> None:
        org, _, name = change.name.partition("/")
        about = seen.source.git.description(org, name) or {}
        private = bool(about.get("private"))
        new = git.ensure_repo(org, name, about.get("description", ""), private=private)
        lost = [ref.old for ref in change.refs if ref.old and ref.relation in _LOST]
        mirror.keep(change.name, target, reason, lost)
        refs = [Push(ref.name, ref.new, ref.old or "") for ref in change.refs]
        mirror.carry(change.name, source, target, refs)
        if new:
            git.describe(org, name, **described(about, seen))
        step.note(f"{change.name}: {', '.join(ref.name.removeprefix('refs/heads/') for ref in change.refs)}")

    gather(partial(bring, change) for change in changes)


def bring_organisation(seen: Compared, name: str) -> None:
    """An organisation that the target lacks, seen by the same people; accounts and teams are its own."""
    about = seen.source.git.organisation(name) or {}
    visibility = about.get("visibility") or "private"
    title, description = about.get("full_name") or name, about.get("description", "")
    seen.target.git.ensure_org(name, title, description, visibility=visibility)


def described(about: Mapping[str, Any], seen: Compared) -> dict[str, str]:
    """What a repository says of itself outside Git; its page in the portal is the target's."""
    website = desired.moved(about.get("website", ""), seen.source.plan.facts, seen.target.plan.facts)
    branch = about.get("default_branch", "")
    return {key: value for key, value in (("website", website), ("default_branch", branch)) if value}


def bring_files(target: Reached, files: Mapping[str, Collection[FileChange]], reason: str) -> None:
    """Services and other files of the platform's own repositories; one commit for each repository."""
    for name, changes in files.items():
        target.git.commit(ORG, name, [_change(change) for change in changes], f"Promote ({reason})")


def finished(entry: Record, target: Reached) -> Record:
    """The record of a promotion that is done, with the commits that it led to."""
    now = places.heads(target)
    platform = {name: Commits(before=c.before, after=now.get(name, "")) for name, c in entry.platform.items()}
    return entry.but(state=State.DONE, finished=record.now(), platform=platform)


def heads(entry: Record) -> dict[str, str]:
    """Repository -> the commit on its main branch that the promotion brought, also in an earlier run."""
    moved = entry.repositories.items()
    return {name: refs.after[places.HEAD] for name, refs in moved if places.HEAD in refs.after}


def _change(change: FileChange) -> tree.Change:
    old = "" if change.old is None else tree.blob(encoded(change.old))
    if change.new is None:
        return tree.Change("delete", change.path, replaces=old)
    return tree.Change("update" if old else "create", change.path, encoded(change.new), old)
