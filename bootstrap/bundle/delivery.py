"""A bundle's images in a registry of the user's choice: delivered with all that vouches for them, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.bundle import keys, logins, places, push, trust
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.push import Pushed
from bootstrap.bundle.recipes import Role
from bootstrap.bundle.sbom import document, shelf
from bootstrap.bundle.trust import Verdict
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.progress import Reporter


@dataclass(frozen=True)
class Delivered:
    """What a delivery did; `signatures` counts the new ones, for images and for bills of materials."""

    registry: str
    pushed: Pushed
    signatures: int
    references: Mapping[str, str]


def deliver(lock: Lock, to: str, key: str, reporter: Reporter) -> Delivered:
    """Push, describe and sign the platform's images; what is there already is left alone.

    `key` names who signs, as in `keys`. Raises IDP-B015 (refused), IDP-B020 (altered on the way), IDP-B021
    (unreadable), and what `keys.signer` raises.
    """
    registry = registry_of(to)
    return deliver_images(lock.references(registry), key, reporter)


def deliver_images(references: Mapping[str, str], key: str, reporter: Reporter) -> Delivered:
    """The same for images of the layout by name -> reference by digest, all in one registry."""
    registry = next(iter(references.values())).rpartition("/")[0]
    digests = {name: reference.partition("@")[2] for name, reference in references.items()}
    with places.held("bundle", reporter):
        login = logins.of(registry.partition("/")[0])
        with reporter.step(f"push {len(references)} images to {registry}") as step:
            images = {reference: digests[name] for name, reference in references.items()}
            pushed = push.push(images, places.layout(), login, step.note)
            step.note(f"{pushed.new} were new, {pushed.bytes / 1e6:.0f} MB sent; all are there")
        with reporter.step("bills of materials") as step:
            bills = shelf.provide(places.layout(), digests, step)
        with reporter.step("sign") as step:
            signatures = trust.vouch(references, bills, places.layout(), keys.signer(key), login)
            step.note(f"{signatures} new signatures; others check with {keys.told(key)}")
    return Delivered(registry, pushed, signatures, references)


def verify(lock: Lock, source: str, key: str, reporter: Reporter, deep: bool = False) -> list[Verdict]:
    """Check the platform's images in a registry against the lock, and their signatures against a key.

    Raises IDP-B015 (the registry cannot be asked), and what `keys.public` raises.
    """
    return verify_images(lock.references(registry_of(source)), key, reporter, deep)


def verify_images(
    references: Mapping[str, str], key: str, reporter: Reporter, deep: bool = False
) -> list[Verdict]:
    """The same for images by name -> reference by digest, all in one registry."""
    registry = next(iter(references.values())).rpartition("/")[0]
    public = keys.public(key)
    with reporter.step(f"check {len(references)} images in {registry}") as step:
        login = logins.of(registry.partition("/")[0])
        return trust.verify(references, public, step, login, deep)


def bills(lock: Lock, image: str, reporter: Reporter) -> dict[str, dict[str, Any]]:
    """Bills of materials of the platform's images, or of the one named, by name. Raises IDP-B022."""
    wanted = {i.name: i.digest for i in lock.images} if image else _platform(lock)
    if image and image not in wanted:
        raise IdpError(
            "IDP-B022",
            f"the bundle of the stack `{lock.stack}` has no image `{image}`",
            f"it has {', '.join(sorted(wanted))}",
            "idp bundle show",
            exit_code=WRONG_USE,
        )
    chosen = {image: wanted[image]} if image else wanted
    with places.held("bundle", reporter), reporter.step("bills of materials") as step:
        found = shelf.provide(places.layout(), chosen, step)
    return {name: shelf.read(places.layout(), entry) for name, entry in sorted(found.items())}


def counts(bill: dict[str, Any]) -> dict[str, int]:
    """How many components of which kind."""
    return document.counts(bill)


def registry_of(text: str) -> str:
    """`https://registry.example.org/team/` -> `registry.example.org/team`. Raises IDP-B023."""
    registry = text.partition("://")[2] or text
    registry = registry.strip("/")
    host, _, path = registry.partition("/")
    named = "." in host or ":" in host or host == "localhost"
    if not named or any(sign in registry for sign in "@ ?#") or ":" in path or registry != registry.lower():
        raise IdpError(
            "IDP-B023",
            f"`{text}` does not name a registry",
            "it is a host, and the path under which images are to lie, in small letters",
            "idp bundle push --to registry.example.org/team",
            exit_code=WRONG_USE,
        )
    return registry


def _platform(lock: Lock) -> dict[str, str]:
    return {i.name: i.digest for i in lock.images if i.role is Role.PLATFORM}
