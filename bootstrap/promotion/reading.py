"""What a platform's Gitea holds. Listings first: a file is fetched only where its blob is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bootstrap import tree
from bootstrap.gitea import BRANCH, Gitea
from bootstrap.gitops import ORG
from bootstrap.parallel import gather
from bootstrap.promotion.contents import Contents, contents, decoded

#: The platform's own repositories that are compared by files; all others are by refs.
REPOSITORIES = ("platform", "catalog", "templates", "deployments")
PLATFORM = ("platform",)


@dataclass(frozen=True)
class Listing:
    """Repository -> path -> blob of the platform's own, `ORG/NAME` -> ref -> commit of the users'."""

    blobs: Mapping[str, Mapping[str, str]]
    refs: Mapping[str, Mapping[str, str]]


def listing(git: Gitea) -> Listing:
    """One request for each repository, side by side."""
    trees = gather(partial(git.files, ORG, name) for name in REPOSITORIES)
    orgs = sorted(git.organisations() - {ORG})
    held = gather(partial(git.repositories, org) for org in orgs)
    users = [(org, name) for org, names in zip(orgs, held, strict=True) for name in sorted(names)]
    refs = gather(partial(git.refs, org, name) for org, name in users)
    return Listing(
        dict(zip(REPOSITORIES, trees, strict=True)),
        {f"{org}/{name}": found for (org, name), found in zip(users, refs, strict=True)},
    )


def read(git: Gitea, listed: Listing, known: Mapping[str, bytes]) -> Contents:
    """The contents that were listed; `known` are contents by blob, which need not be fetched."""
    held = fetched(git, listed.blobs, known)
    files = {
        name: {path: decoded(held[blob]) for path, blob in blobs.items()}
        for name, blobs in listed.blobs.items()
    }
    written = {
        name: tree.written(held.get(blobs.get(tree.RECORD, ""), b"")) for name, blobs in listed.blobs.items()
    }
    return contents(files, written, listed.refs)


def fetched(
    git: Gitea, trees: Mapping[str, Mapping[str, str]], known: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Blob -> content of every file in these trees (repository -> path -> blob), each fetched once."""
    missing = {blob: name for name, blobs in trees.items() for blob in blobs.values() if blob not in known}
    found = gather(partial(git.blob, ORG, name, blob) for blob, name in missing.items())
    return {**known, **dict(zip(missing, found, strict=True))}


def known(texts: Iterable[bytes]) -> dict[str, bytes]:
    """Contents by the blobs that they would be."""
    return {tree.blob(text): text for text in texts}


def manifests_at(git: Gitea, commit: str) -> Mapping[str, str]:
    """Path -> blob of the platform repository at a commit, its newest where none is named."""
    return git.files(ORG, "platform", commit or BRANCH)
