"""Platform images for use on this machine, outside any cluster."""

from __future__ import annotations

from bootstrap.bundle import engine, places, savedimage
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.work import tag_of
from bootstrap.errors import IdpError


def lend(lock: Lock, name: str) -> str:
    """The engine's name of an image of the bundle, which is loaded into the engine where it is not there.

    Raises IDP-B005 (no engine) and IDP-B008 (the image is not in the bundle).
    """
    engine.find()
    image = next((i for i in lock.images if i.name == name), None)
    if not image or not places.layout().has(image.digest):
        raise IdpError("IDP-B008", f"`{name}` is not in the bundle", fix="idp bundle build")
    tag = tag_of(image.name, image.key)
    if tag not in engine.tags():
        with engine.loading() as stream:
            savedimage.give_out(stream, places.layout(), image.digest, [tag])
    return tag
