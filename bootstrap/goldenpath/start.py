"""A new golden path: small, complete, and sound from the first moment."""

from __future__ import annotations

from pathlib import Path

from bootstrap import paths
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.shapes import DNS_LABEL

_STARTER = Path(__file__).parent / "starter"
#: Stands for the new name in the files of the starter.
_NAME = "NEW-NAME"


def start(name: str, folder: Path | None = None) -> Path:
    """Write the golden path NAME into `folder`; by default into a checkout's templates, else here.

    Raises IDP-T003 where the name cannot be used or is taken.
    """
    if not DNS_LABEL.match(name):
        raise _unusable(f"`{name}` cannot be the name of a golden path", "use a-z, 0-9 and '-', at most 40")
    target = (folder or home()) / name
    if target.exists():
        raise _unusable(f"{target} exists", "choose another name, or another place with --folder")
    for path, content in files(name).items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return target


def home() -> Path:
    """The checkout's templates; an installed program leaves its own alone and takes the current folder."""
    return Path.cwd() if paths.installed() else paths.templates()


def files(name: str) -> dict[str, str]:
    """Path -> text of a new golden path."""
    return {
        file.relative_to(_STARTER).as_posix(): file.read_text().replace(_NAME, name)
        for file in sorted(_STARTER.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }


def _unusable(what: str, why: str) -> IdpError:
    return IdpError("IDP-T003", what, why, "idp template new NAME", exit_code=WRONG_USE)
