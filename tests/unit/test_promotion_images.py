"""Images that services bring along."""

from __future__ import annotations

import pytest

from bootstrap.bundle.lock import Lock, LockedImage
from bootstrap.bundle.recipes import Role
from bootstrap.bundle.sources import Source
from bootstrap.promotion.images import strangers

NEW, OLD = (f"sha256:{letter * 64}" for letter in "ab")
LOCK = Lock(
    "reference", "linux/amd64", Source.PACKAGES, (LockedImage("ml-runtime", Role.PLATFORM, NEW, "", 1),)
)
HERE = "registry.example.org/idp"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"images: [ml-runtime={HERE}/ml-runtime@{NEW}]", []),
        (f"images: [ml-runtime={HERE}/ml-runtime@{OLD}]", [f"{HERE}/ml-runtime@{OLD}"]),
        (f"images: ['ml-runtime={HERE}/ml-runtime@{OLD}', x={HERE}/x@{NEW}]", [f"{HERE}/ml-runtime@{OLD}"]),
        (f"image: elsewhere.example.org/x@{OLD}", []),  # whoever names it has to see to it
        (f"image: my-{HERE}/x@{OLD}", []),
        (f"image: {HERE}/x:latest", []),
    ],
)
def test_what_the_bundle_lacks_is_found_by_its_digest(text: str, found: list[str]) -> None:
    assert list(strangers([text], HERE, LOCK).values()) == found


def test_two_digests_of_one_image_are_two_images() -> None:
    texts = [f"x={HERE}/x@sha256:{letter * 64}" for letter in "bc"]
    assert len(strangers(texts, HERE, LOCK)) == 2
