"""Tags under which images, and what vouches for them, lie in a registry. They say no more than the digest.

A tag is put on everything, since registries drop what has none after a while; each kind has a shape of its
own, so that a registry can count them apart.
"""

from __future__ import annotations

_IMAGE, _BILL, _SIGNATURE = "image-", "bill-", ".sig"
#: What tags of one kind, and no others, look like.
IMAGES, BILLS, SIGNATURES = f"{_IMAGE}*", f"{_BILL}*", f"*{_SIGNATURE}"


def image(digest: str) -> str:
    return f"{_IMAGE}{_short(digest)}"


def bill(digest: str) -> str:
    """Of a bill of materials, by its own digest."""
    return f"{_BILL}{_short(digest)}"


def signature(digest: str) -> str:
    """Of the signatures of what has this digest, where cosign looks for them."""
    return f"{digest.replace(':', '-')}{_SIGNATURE}"


def _short(digest: str) -> str:
    return digest.rpartition(":")[2][:16]
