"""Which of three places the user sits in: at image registries, at package registries, or at neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from bootstrap.errors import IdpError


class Source(StrEnum):
    """Where images come from; `auto` finds out."""

    AUTO = "auto"
    REGISTRY = "registry"
    PACKAGES = "packages"
    BUNDLE = "bundle"


@dataclass(frozen=True)
class Answers:
    """Which addresses answered, by what they are."""

    registries: dict[str, bool]
    packages: dict[str, bool]

    @property
    def silent(self) -> list[str]:
        return [host_of(url) for url, ok in {**self.registries, **self.packages}.items() if not ok]


#: Does this address answer? The adapter in `net.py` asks; tests give their own.
Ask = Callable[[str], bool]


def look_around(registries: Iterable[str], packages: Iterable[str], ask: Ask) -> Answers:
    """Ask all addresses at once; `ask` limits its own time."""
    upstream, mirrors = list(dict.fromkeys(registries)), list(dict.fromkeys(packages))
    with ThreadPoolExecutor(max_workers=16) as pool:
        answers = list(pool.map(ask, [*upstream, *mirrors]))
    split = len(upstream)
    return Answers(
        dict(zip(upstream, answers[:split], strict=True)), dict(zip(mirrors, answers[split:], strict=True))
    )


def choose(answers: Answers, imported: bool) -> tuple[Source, str]:
    """The source to use and why, in words for the user.

    Registries must all answer, as every image has its own; of the package registries one is enough, as
    not every stack needs all of them. Raises IDP-B001 when nothing answers and no bundle was imported.
    """
    if answers.registries and all(answers.registries.values()):
        return Source.REGISTRY, f"all {len(answers.registries)} image registries answer"
    if any(answers.packages.values()):
        return Source.PACKAGES, _because(answers)
    if imported:
        return Source.BUNDLE, "no registry answers; using the bundle that is here"
    raise IdpError(
        "IDP-B001",
        "no registry can be reached, and there is no bundle",
        f"these do not answer: {', '.join(answers.silent)}",
        "on a machine with a network run `idp bundle build` and `idp bundle export FILE`, "
        "then here `idp bundle import FILE`",
    )


def host_of(url: str) -> str:
    """The host of an address, which may hold a user name and a password that nobody should read."""
    return urlsplit(url).hostname or url


def _because(answers: Answers) -> str:
    silent = list(dict.fromkeys(host_of(url) for url, ok in answers.registries.items() if not ok))
    return f"building from package registries, as {_some(silent)} not answer"


def _some(hosts: Sequence[str]) -> str:
    head = ", ".join(hosts[:3])
    rest = f" and {len(hosts) - 3} more" if len(hosts) > 3 else ""
    return f"{head}{rest} do{'es' if len(hosts) == 1 else ''}"
