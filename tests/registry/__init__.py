"""A registry of the tests' own: `distribution`, built as images of the platform are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap import paths, shell
from bootstrap.bundle import Source, engine, hostconfig, inputs, net, places, work
from bootstrap.bundle.baking import Host
from bootstrap.bundle.layout import Layout
from bootstrap.bundle.provide import Workshop
from bootstrap.bundle.recipes import Kitchen, Recipe, Role
from bootstrap.progress import silent

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Registry:
    """`address` is where this machine reaches it, `container` its name among containers."""

    address: str
    container: str


def image() -> str:
    """The registry's image by the engine's name; built where it is not there."""
    found = engine.find()
    kitchen = Kitchen([Recipe("registry", Role.NODE, context=HERE)], paths.images())
    keys = inputs.keys(kitchen, Source.PACKAGES, found.platform)
    with places.held("bundle", silent()):
        layout: Layout = places.layout().create()
        host = Host(hostconfig.ca_bundle(), hostconfig.secrets(Path.home()), hostconfig.proxies())
        tasks = work.left(kitchen, keys, Source.PACKAGES, {e.key for e in layout.entries()}, engine.tags())
        Workshop(kitchen, keys, Source.PACKAGES, found.platform, layout, host).carry_out(tasks, silent())
    return work.tag(kitchen.recipes[0], keys["registry"])


@contextmanager
def running(options: Sequence[str] = (), arguments: Sequence[str] = ()) -> Iterator[Registry]:
    """An empty registry on a free port of loopback, gone with the block."""
    line = [engine.DOCKER, "run", "--detach", "--publish", "127.0.0.1::5000", *options, image(), *arguments]
    container = shell.run(line, timeout=60).out.strip()
    try:
        port = shell.run([engine.DOCKER, "port", container, "5000/tcp"], timeout=30).out.split()[0]
        deadline = time.monotonic() + 30
        while not net.answers(f"http://{port}/v2/"):
            assert time.monotonic() < deadline, "the registry does not answer"
            time.sleep(0.1)
        yield Registry(port, container)
    finally:
        shell.run([engine.DOCKER, "rm", "--force", "--volumes", container], timeout=60)
