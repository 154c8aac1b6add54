"""The page about plugins, followed word for word where the portal is built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bootstrap import bundle, plan, shell
from bootstrap.bundle import baking, engine, hostconfig, outlook, places
from bootstrap.bundle.baking import Host
from bootstrap.bundle.sources import Source
from bootstrap.model import Target

PORTAL = Path(__file__).parents[2] / "packages" / "backstage"
PAGE = PORTAL / "docs" / "plugins.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
_START = "backend.start();"

#: What the page's reader has besides the page: the sources, and the way to the registry.
_STAGE = """
FROM dependencies AS page
COPY . .
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \\
    --mount=type=secret,id=yarnrc,target=/root/.yarnrc.yml \\
    --mount=type=cache,target=/root/.yarn/berry \\
    <<'EOF'
set -eux
export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
# Few requests at a time, and none twice: a registry that refuses one is seen at once.
export YARN_HTTP_RETRY=0 YARN_NETWORK_CONCURRENCY=4
{commands}
grep -rlq sonarqube app/dist/static
EOF
"""


def blocks() -> list[tuple[str, str]]:
    """The page's blocks of code in their order, each with its language."""
    return BLOCK.findall(PAGE.read_text())


def followed() -> str:
    """The page as a shell script: commands as they are, lines for a file put where the page says."""
    return "\n".join(_step(language, text) for language, text in blocks())


def _step(language: str, text: str) -> str:
    if language == "sh":
        return text
    comment, rest = text.split("\n", 1)
    file = comment.lstrip("/# ")
    if file.endswith("index.ts"):
        assert rest.count("\n") == 1, "one line, so that it can be put before the start"
        return f'sed -i "s|^{_START}|{rest.strip()}\\n{_START}|" {file}'
    return f"cat >>{file} <<'END'\n{rest}END"


def test_the_page_says_where_each_line_goes() -> None:
    """The cheap part: every block is a command, or begins with a file that there is."""
    languages = [language for language, _ in blocks()]
    assert languages == ["sh", "sh", "ts", "yaml", "sh"]
    for language, text in blocks():
        if language != "sh":
            assert (PORTAL / "image" / text.split("\n", 1)[0].lstrip("/# ")).is_file()
    assert f"\n{_START}" in (PORTAL / "image" / "backend" / "src" / "index.ts").read_text()
    for named in re.findall(r"`((?:app|backend)/\S+)`", PAGE.read_text()):
        assert (PORTAL / "image" / named).exists(), f"the page names {named}"
    versions = re.findall(r"add (\S+)@(\S+)$", PAGE.read_text(), re.M)
    assert len(versions) == 2
    assert len({version for _, version in versions}) == 1, "front end and back end belong together"


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.usefixtures("image")
def test_a_plugin_is_added_as_the_page_says(tmp_path: Path) -> None:
    """About two minutes: a stage after `dependencies` runs the page, and leaves nothing behind."""
    reference = plan.load("reference", Target("local", "test"))
    source = Source(bundle.load(reference).source)
    found = outlook.of_source(reference, source, places.layout(), engine.find().platform)
    host = Host(hostconfig.ca_bundle(), hostconfig.secrets(Path.home()), hostconfig.proxies())
    definition = baking.bake_file(found.kitchen, found.keys, host)
    dockerfile = (PORTAL / "image" / "Dockerfile").read_text() + _STAGE.format(commands=followed())
    definition["target"]["backstage"] |= {
        # Bake would take `${…}` for its own variables.
        "dockerfile-inline": dockerfile.replace("${", "$${"),
        "target": "page",
        "tags": [],
        "output": ["type=cacheonly"],
    }
    file, log = tmp_path / "bake.json", tmp_path / "build.log"
    baking.write(definition, file)

    code = engine.bake(file, "backstage", log, host.environment)

    assert code == 0, shell.tail(log.read_text(errors="replace"), 60)
