"""Push images of the layout to a registry: only what it lacks, several blobs at a time, verified after."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bootstrap import imagetags
from bootstrap.bundle import net
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.logins import Login, RegistryAuth
from bootstrap.bundle.remote import Remote
from bootstrap.errors import IdpError
from bootstrap.parallel import gather

#: Uploads at the same time.
_WORKERS = 8


@dataclass(frozen=True)
class Pushed:
    """What a push did: images in all, those that the registry lacked, and blobs and bytes sent for them."""

    images: int
    new: int
    blobs: int
    bytes: int


def push(
    images: Mapping[str, str],
    layout: Layout,
    login: Login | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> Pushed:
    """Push images (reference -> digest of the manifest), and ask for every one again by its digest.

    `note` hears how far it is. Raises IDP-B015 where the registry refuses something or cannot be reached,
    IDP-B020 where it holds something else afterwards.
    """
    with net.client(auth=RegistryAuth(login)) as http:
        named = [(Remote(http, reference), digest) for reference, digest in sorted(images.items())]
        present = gather(partial(remote.digest, digest) for remote, digest in named)
        lacking = [each for each, found in zip(named, present, strict=True) if not found]
        sending = _Sending(layout, [_Image(layout, *each) for each in lacking], note)
        sending.run()
        _verify(named)
    return Pushed(len(named), len(lacking), sending.blobs, sending.bytes)


@dataclass
class _Image:
    """An image on its way: complete, and so named, when no part is left."""

    layout: Layout
    remote: Remote
    digest: str
    parts: dict[str, int] = field(init=False)
    left: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = {blob.digest: blob.size for blob in self.layout.parts(self.digest)}
        self.left = set(self.parts)

    def finish(self) -> None:
        content: dict[str, Any] = self.layout.read_json(self.digest)
        raw = self.layout.path(self.digest).read_bytes()
        self.remote.put_manifest(imagetags.image(self.digest), raw, content["mediaType"])


class _Sending:
    """All parts of all images, and how far they are."""

    def __init__(self, layout: Layout, images: list[_Image], note: Callable[[str], None]) -> None:
        self._layout, self._images, self._note = layout, images, note
        self._lock = threading.Lock()
        self._done = self._handled = 0
        self._total = sum(sum(image.parts.values()) for image in images)
        self.blobs = self.bytes = 0

    def run(self) -> None:
        """Send all; what was sent stays when something fails, and is skipped the next time."""
        parts = [partial(self._part, image, digest) for image in self._images for digest in image.parts]
        gather(parts, _WORKERS)

    def _part(self, image: _Image, digest: str) -> None:
        sent = image.remote.put_blob(digest, self._layout.path(digest))
        with self._lock:
            image.left.discard(digest)
            complete = not image.left
            self._handled += image.parts[digest]
            if sent:
                self.blobs += 1
                self.bytes += image.parts[digest]
        if complete:
            image.finish()
            with self._lock:
                self._done += 1
                self._note(
                    f"{self._done} of {len(self._images)} images, "
                    f"{self._handled / 1e6:.0f} of {self._total / 1e6:.0f} MB"
                )


def _verify(named: list[tuple[Remote, str]]) -> None:
    found = gather(partial(remote.digest, digest) for remote, digest in named)
    faults = [
        f"{remote.reference}: {other or 'not there'}"
        for (remote, digest), other in zip(named, found, strict=True)
        if other != digest
    ]
    if faults:
        raise IdpError(
            "IDP-B020",
            f"the registry holds something else than what was pushed: {len(faults)} of {len(named)} images",
            fix="idp bundle push --to REGISTRY   # if it stays so, something before the registry alters it",
            faults=faults,
        )
