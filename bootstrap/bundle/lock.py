"""The lock of a bundle: every image by digest, what it was made from, and where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bootstrap.bundle.layout import Entry, canonical
from bootstrap.bundle.recipes import Recipe, Role
from bootstrap.bundle.references import OURS
from bootstrap.bundle.sources import Source
from bootstrap.bundle.work import tag
from bootstrap.errors import IdpError
from bootstrap.model import UpstreamManifests

VERSION = 1


@dataclass(frozen=True)
class LockedImage:
    """An image that the bundle holds; `size` is that of all its blobs in bytes."""

    name: str
    role: Role
    digest: str
    key: str
    size: int
    upstream: str = ""
    known_as: str = ""
    engine_tag: str = ""

    @property
    def in_store(self) -> bool:
        """Is it one that containerd on the node must have?"""
        return self.role in (Role.PLATFORM, Role.CLUSTER)


@dataclass(frozen=True)
class LockedManifests:
    """Upstream manifests that the bundle holds under their hash."""

    module: str
    version: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Lock:
    """A stack definition resolved. Equal inputs give equal text, so a lock says whether anything changed."""

    stack: str
    platform: str
    source: Source
    images: tuple[LockedImage, ...]
    manifests: tuple[LockedManifests, ...] = ()

    @property
    def id(self) -> str:
        """A SHA-256 over all that the bundle holds, however it came to be."""
        images = [(image.role, image.name, image.digest, image.known_as) for image in self.images]
        manifests = [asdict(manifest) for manifest in self.manifests]
        content = {"platform": self.platform, "images": images, "manifests": manifests}
        return hashlib.sha256(canonical(content)).hexdigest()

    @property
    def node(self) -> str:
        """The node image as the container engine knows it."""
        return self._of(Role.NODE).engine_tag

    @property
    def tools(self) -> LockedImage | None:
        return next((image for image in self.images if image.role is Role.TOOLS), None)

    @property
    def store(self) -> dict[str, str]:
        """Reference -> digest of every image that containerd on the node must know."""
        return {self.reference(image): image.digest for image in self.images if image.in_store}

    @property
    def store_id(self) -> str:
        """A SHA-256 over what a containerd store for this bundle holds."""
        return hashlib.sha256(canonical({"images": self.store, "node": self.store_node})).hexdigest()

    @property
    def store_node(self) -> str:
        """The digest of the node image if Kubernetes' own images come inside it; otherwise empty."""
        apart = any(image.role is Role.CLUSTER for image in self.images)
        return "" if apart else self._of(Role.NODE).digest

    def reference(self, image: LockedImage, registry: str = OURS) -> str:
        """How pods name the image."""
        return image.known_as or f"{registry}/{image.name}@{image.digest}"

    def references(self, registry: str = OURS) -> dict[str, str]:
        """Image name -> reference by digest, for templates."""
        return {i.name: self.reference(i, registry) for i in self.images if i.role is Role.PLATFORM}

    def platform_images(self, registry: str = OURS) -> dict[str, str]:
        """Reference -> digest of what pods run."""
        return {self.reference(i, registry): i.digest for i in self.images if i.role is Role.PLATFORM}

    def image(self, name: str) -> LockedImage:
        return next(image for image in self.images if image.name == name)

    def _of(self, role: Role) -> LockedImage:
        return next(image for image in self.images if image.role is role)


def make(
    stack: str,
    platform: str,
    source: Source,
    found: Iterable[tuple[Recipe, Entry]],
    manifests: Iterable[UpstreamManifests],
) -> Lock:
    """A lock of these recipes and the images that they became."""
    images = [_locked(recipe, entry) for recipe, entry in found]
    fetched = {LockedManifests(m.module, m.version, m.path, m.sha256) for m in manifests}
    return Lock(
        stack,
        platform,
        source,
        tuple(sorted(images, key=lambda i: (i.role, i.name))),
        tuple(sorted(fetched, key=lambda m: (m.module, m.path))),
    )


def _locked(recipe: Recipe, entry: Entry) -> LockedImage:
    return LockedImage(
        recipe.name,
        recipe.role,
        entry.digest,
        entry.key,
        entry.content,
        recipe.upstream if entry.source == Source.REGISTRY else "",
        recipe.known_as,
        tag(recipe, entry.key) if recipe.role is Role.NODE else "",
    )


def to_text(lock: Lock) -> str:
    return json.dumps({"version": VERSION, **asdict(lock)}, indent=1, sort_keys=True) + "\n"


def from_text(text: str, origin: str = "lock") -> Lock:
    """Raises IDP-B008 where the text is not a lock that this version of idp understands."""
    try:
        content: Mapping[str, Any] = json.loads(text)
        if content["version"] != VERSION:
            raise ValueError(f"it has version {content['version']}, and this idp reads version {VERSION}")
        return Lock(
            content["stack"],
            content["platform"],
            Source(content["source"]),
            tuple(LockedImage(**{**image, "role": Role(image["role"])}) for image in content["images"]),
            tuple(LockedManifests(**manifests) for manifests in content["manifests"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IdpError("IDP-B008", f"{origin} cannot be read", str(error), "idp bundle build") from error


def read(file: Path) -> Lock | None:
    return from_text(file.read_text(), str(file)) if file.is_file() else None


def load(file: Path, stack: str) -> Lock:
    """The lock of a stack. Raises IDP-B007 where there is none."""
    lock = read(file)
    if not lock:
        raise IdpError(
            "IDP-B007",
            f"there is no bundle of the stack `{stack}` yet",
            f"{file} does not exist",
            f"idp bundle build --stack {stack}",
        )
    return lock


def write(lock: Lock, file: Path) -> None:
    """Write the lock if it changed; an unchanged one keeps its time."""
    text = to_text(lock)
    if file.is_file() and file.read_text() == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.new")
    temporary.write_text(text)
    temporary.replace(file)
