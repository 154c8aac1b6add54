"""Images that services bring along: pinned by digest, perhaps to an earlier runtime than the bundle's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bootstrap import admitting, targets
from bootstrap.bundle import logins, net, places, push
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.logins import Login, RegistryAuth
from bootstrap.bundle.remote import Remote
from bootstrap.errors import IdpError
from bootstrap.progress import Step
from bootstrap.promotion.session import Reached


@dataclass(frozen=True)
class Pinned:
    """Images by name -> reference by digest; `lacking` are those that the target's registry lacks."""

    references: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)


def strangers(texts: Iterable[str], registry: str, lock: Lock) -> dict[str, str]:
    """Name -> reference by digest of every image of that registry in these texts which the bundle lacks."""
    known = {image.digest for image in lock.images}
    pattern = re.compile(rf"(?<![\w./-]){re.escape(registry)}/([a-z0-9][\w.-]*)@(sha256:[0-9a-f]{{64}})")
    found = {match for text in texts for match in pattern.findall(text)}
    return {
        f"{name}-{digest[7:15]}": f"{registry}/{name}@{digest}"
        for name, digest in sorted(found)
        if digest not in known
    }


def pinned(texts: Iterable[str], lock: Lock, at: Reached) -> Pinned:
    """What services bring along. Raises IDP-M028 where an image is neither there nor on this machine."""
    references = strangers(texts, at.plan.facts.registry, lock)
    if not references or targets.kind(at.plan.target.kind).here:
        return Pinned()  # a node on this machine has its own images
    with net.client(auth=RegistryAuth(_login(at))) as http:
        lacking = {
            reference: digest
            for reference in references.values()
            if not Remote(http, reference).digest(digest := reference.partition("@")[2])
        }
    if lost := [reference for reference, digest in lacking.items() if not places.layout().has(digest)]:
        raise IdpError(
            "IDP-M028",
            f"{len(lost)} images of services are not to be had",
            f"neither this machine nor {at.plan.facts.registry} has them",
            "push them there from where they are, then run the same again",
            lost,
        )
    return Pinned(references, lacking)


def bring(at: Reached, images: Pinned, owner: str, step: Step) -> None:
    """Push what is lacking, and let the target run all of them where it lets only signed images run."""
    if at.plan.facts.admission == admitting.SIGNED:
        admitting.admit(at.plan, at.cluster, images.references, owner, step)
    elif images.lacking:
        push.push(images.lacking, places.layout(), _login(at), step.note)


def _login(at: Reached) -> Login | None:
    return logins.of(at.plan.facts.registry.partition("/")[0])
