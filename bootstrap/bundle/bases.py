"""Base images that start from a distribution's packages instead of another image."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from bootstrap import shell
from bootstrap.bundle import engine, hostconfig, process
from bootstrap.bundle.baking import SOURCE_DATE_EPOCH
from bootstrap.bundle.recipes import Recipe
from bootstrap.errors import IdpError

_CHANGES = ('CMD ["/bin/sh"]', "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")


def bootstrap(recipe: Recipe, image: str, platform: str, folder: Path, log: Path) -> None:
    """Make the image by its `rootfs.sh`, with a scratch folder in `folder`.

    Raises IDP-B006 where this host cannot (not root, or not Debian) or the script fails.
    """
    script = recipe.script or Path()
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise IdpError(
            "IDP-B006",
            f"the base image `{recipe.name}` cannot be made here",
            "it is bootstrapped from Debian packages, which takes root on a Debian host",
            f"on Debian run `sudo sh {script} {recipe.tag} | {engine.DOCKER} import - {image}`, elsewhere "
            "`idp bundle build --source registry` or `idp bundle import FILE`; then run this again",
        )
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{image.rpartition(':')[2]}.tar"
    try:
        _run_script(recipe, script, archive, log)
        with archive.open("rb") as content, engine.importing(image, platform, _CHANGES) as stream:
            shutil.copyfileobj(content, stream, 1 << 20)
    finally:
        archive.unlink(missing_ok=True)


def _run_script(recipe: Recipe, script: Path, archive: Path, log: Path) -> None:
    command = f"exec sh {shlex.quote(str(script))} {shlex.quote(recipe.tag)} > {shlex.quote(str(archive))}"
    # What runs in there knows proxies by their small names only.
    proxies = {name.lower(): value for name, value in hostconfig.proxies().items()}
    environment = {**proxies, "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH, "TMPDIR": str(archive.parent)}
    if process.logged(["sh", "-c", command], log, environment):
        raise IdpError(
            "IDP-B006",
            f"bootstrapping the base image `{recipe.name}` failed",
            f"{shell.tail(log.read_bytes(), 20)}\n\nThe whole log: {log}",
            "run `idp bundle build` again",
        )
