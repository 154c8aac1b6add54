"""How branches that differ stand to each other, which only their histories tell."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bootstrap.gitea import Gitea
from bootstrap.parallel import gather
from bootstrap.promotion.difference import Difference, RefChange, Relation, RepositoryChange


def related(difference: Difference, source: Gitea, target: Gitea) -> Difference:
    """The difference with every branch related; asks only about those that differ."""
    found = gather(partial(_related, change, source, target) for change in difference.repositories)
    return replace(difference, repositories=tuple(found))


def _related(change: RepositoryChange, source: Gitea, target: Gitea) -> RepositoryChange:
    org, _, repo = change.name.partition("/")
    refs = tuple(_ref(ref, org, repo, source, target) for ref in change.refs)
    return replace(change, refs=refs)


def _ref(ref: RefChange, org: str, repo: str, source: Gitea, target: Gitea) -> RefChange:
    if ref.relation is not Relation.UNKNOWN or ref.old is None or ref.new is None:
        return ref
    if source.is_ancestor(org, repo, ref.old, ref.new):
        return replace(ref, relation=Relation.BEHIND)
    ahead = target.is_ancestor(org, repo, ref.new, ref.old)
    return replace(ref, relation=Relation.AHEAD if ahead else Relation.DIVERGED)
