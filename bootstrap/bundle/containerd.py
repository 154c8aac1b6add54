"""The node's containerd: which images it knows, and a stream of images into it."""

from __future__ import annotations

import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bootstrap import shell
from bootstrap.bundle import process
from bootstrap.bundle.engine import DOCKER
from bootstrap.bundle.layout import MANIFEST_TYPE, Layout, index_of
from bootstrap.bundle.savedimage import add_blob, add_bytes
from bootstrap.errors import IdpError

STATE = "/var/lib/containerd"
_CTR = ("ctr", "--namespace", "k8s.io", "images")
_PATIENCE = 30.0


@contextmanager
def container(node: str, name: str, state: Path | None = None) -> Iterator[str]:
    """A container of the node image in which nothing runs yet; `state` is a folder for containerd's."""
    remove(name)
    volume = ["--volume", f"{state}:{STATE}"] if state else []
    options = ["--privileged", "--network", "none", "--name", name, *volume, "--entrypoint", "sleep"]
    try:
        shell.run([DOCKER, "run", "--detach", *options, node, "infinity"], timeout=120)
        yield name
    finally:
        remove(name)


@contextmanager
def running(container: str) -> Iterator[None]:
    """containerd in that container; it ends cleanly, because its databases are copied afterwards."""
    start = "exec containerd >/var/log/containerd.log 2>&1"
    shell.run([DOCKER, "exec", "--detach", container, "sh", "-c", start], timeout=60)
    _wait(container)
    yield
    stop = "kill $(pidof containerd); while pidof containerd >/dev/null; do sleep 0.05; done"
    shell.run([DOCKER, "exec", container, "sh", "-c", stop], timeout=60)


def remove(container: str) -> None:
    shell.run([DOCKER, "rm", "--force", "--volumes", container], check=False, timeout=60)


def known(container: str) -> set[str]:
    """References of the images that containerd in the container knows."""
    done = shell.run([DOCKER, "exec", container, *_CTR, "ls", "--quiet"], timeout=60)
    return set(done.out.split())


def forget(container: str, references: set[str]) -> None:
    """Remove images and what only they used, before this returns."""
    if references:
        command = [DOCKER, "exec", container, *_CTR, "rm", "--sync", *sorted(references)]
        shell.run(command, timeout=600)


def send(container: str, images: Mapping[str, str], layout: Layout) -> None:
    """Stream images (reference -> digest) of the layout into containerd, which unpacks them."""
    command = [DOCKER, "exec", "--interactive", container, *_CTR, "import"]
    # The label makes the node's kubelet see them as its own.
    with process.writing([*command, "--label", "io.cri-containerd.image=managed", "-"]) as stream:
        write_tar(stream, images, layout)


def write_tar(stream: IO[bytes], images: Mapping[str, str], layout: Layout) -> None:
    """An OCI layout of these images as a tar; every blob once, however many images share it."""
    descriptors = [
        {
            "mediaType": layout.read_json(digest).get("mediaType", MANIFEST_TYPE),
            "digest": digest,
            "size": layout.stored(digest).size,
            "annotations": {"io.containerd.image.name": reference},
        }
        for reference, digest in sorted(images.items())
    ]
    blobs = dict.fromkeys(blob for digest in images.values() for blob in layout.blobs(digest))
    with tarfile.open(fileobj=stream, mode="w|") as tar:
        add_bytes(tar, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        add_bytes(tar, "index.json", index_of(descriptors))
        for digest in blobs:
            add_blob(tar, layout, digest)


def _wait(container: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while shell.run([DOCKER, "exec", container, "ctr", "version"], check=False, timeout=60).code:
        if time.monotonic() > deadline:
            log = shell.run([DOCKER, "exec", container, "cat", "/var/log/containerd.log"], check=False)
            raise IdpError(
                "IDP-B011",
                "containerd does not start in the node image",
                shell.tail(log.out),
                "idp doctor",
            )
        time.sleep(0.1)
