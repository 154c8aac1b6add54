"""The portal's own modules, tested where they are built: types, style and unit tests in TypeScript."""

from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap import bundle, plan, shell
from bootstrap.bundle import baking, engine, hostconfig, outlook, places
from bootstrap.bundle.baking import Host
from bootstrap.bundle.sources import Source
from bootstrap.model import Target

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("image")]


def test_the_portals_modules_pass_their_own_tests(tmp_path: Path) -> None:
    """The stage `test` of the portal's Dockerfile; what has not changed since is not run again."""
    reference = plan.load("reference", Target("local", "test"))
    source = Source(bundle.load(reference).source)
    found = outlook.of_source(reference, source, places.layout(), engine.find().platform)
    host = Host(hostconfig.ca_bundle(), hostconfig.secrets(Path.home()), hostconfig.proxies())
    definition = baking.bake_file(found.kitchen, found.keys, host)
    definition["target"]["backstage"] |= {"target": "test", "tags": [], "output": ["type=cacheonly"]}
    file, log = tmp_path / "bake.json", tmp_path / "build.log"
    baking.write(definition, file)

    code = engine.bake(file, "backstage", log, host.environment)

    assert code == 0, shell.tail(log.read_text(errors="replace"), 60)
