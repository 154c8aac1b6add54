"""Options that several commands share, so that they are spelt and explained once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bootstrap.console.reporting import Mode
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.model import Plan, Target


class Output(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"


class PlanOutput(StrEnum):
    """How a plan is printed; Markdown is for comments on pull requests."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


class Size(StrEnum):
    """Sizing profiles; `auto` takes the largest that this machine can hold."""

    AUTO = "auto"
    SMALL = "small"
    DEFAULT = "default"


class Source(StrEnum):
    """Where images and tools come from; `auto` looks for what answers."""

    AUTO = "auto"
    REGISTRY = "registry"
    PACKAGES = "packages"
    BUNDLE = "bundle"


def _complete_names() -> list[str]:
    from bootstrap import instance

    return instance.names()


def _complete_stacks() -> list[str]:
    from bootstrap import paths

    return sorted(path.stem for path in paths.stacks().glob("*.yaml"))


Name = Annotated[
    str,
    typer.Option(
        "--name",
        "-n",
        envvar="IDP_NAME",
        metavar="NAME",
        autocompletion=_complete_names,
        help="Name of the platform.",
    ),
]
Stack = Annotated[
    str,
    typer.Option(
        metavar="NAME|PATH",
        autocompletion=_complete_stacks,
        help="Stack definition by name or path; default: the platform's own, or else `reference`.",
    ),
]
SizeOption = Annotated[Size, typer.Option("--size", help="Sizing profile; auto: what fits this machine.")]
SourceOption = Annotated[
    Source, typer.Option("--source", help="Where images come from; auto: what is reachable.")
]
Local = Annotated[bool, typer.Option("--local", help="On this machine, in a kind cluster (the default).")]
Cloud = Annotated[bool, typer.Option("--cloud", help="In the cloud.")]
TargetOption = Annotated[
    str, typer.Option("--target", metavar="KIND", help="Where to run, by name: local, cloud.")
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How to print the result.")]
PlanOutputOption = Annotated[
    PlanOutput,
    typer.Option("--output", "-o", help="How to print the result; markdown: for a pull request."),
]
Progress = Annotated[
    Mode,
    typer.Option("--progress", help="How to show progress; auto: live on a terminal, plain elsewhere."),
]
Profile = Annotated[
    str,
    typer.Option("--profile", metavar="NAME", help="Cloud profile of the stack: workshop, team, production."),
]
Domain = Annotated[
    str, typer.Option("--domain", metavar="DOMAIN", help="Domain of a cloud platform, one that you own.")
]
Ttl = Annotated[
    str,
    typer.Option("--ttl", metavar="TIME", help="After which time a cloud platform may be removed: 8h, 3d."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Port = Annotated[
    int,
    typer.Option(
        min=0, max=65535, metavar="PORT", help="HTTPS port; 0: 8443 or the next free one, remembered."
    ),
]

DEFAULT_NAME = "idp"
DEFAULT_STACK = "reference"


def plan_for(
    place: Target, stack: str = "", size: Size = Size.AUTO, profile: str = "", domain: str = ""
) -> Plan:
    """The plan of the platform of that name with what was asked for, or of one that does not exist yet."""
    from bootstrap import instance, plan

    known = instance.find(place.name)
    chosen = str(size) if size is not Size.AUTO else known.size if known else ""
    port = known.https_port if known else plan.DEFAULT_PORT
    return plan.load(
        stack or (known.stack if known else DEFAULT_STACK),
        place,
        chosen,
        port,
        profile or (known.profile if known else ""),
        domain or (known.domain if known else ""),
    )


def target(name: str, local: bool, cloud: bool, kind: str) -> Target:
    """The target that the flags mean. Raises IDP-A011 where they contradict each other."""
    asked = {k for k, wanted in (("local", local), ("cloud", cloud), (kind, bool(kind))) if wanted}
    if len(asked) > 1:
        raise IdpError(
            "IDP-A011",
            f"a platform runs on one target, not on {' and '.join(sorted(asked))}",
            fix="idp up --local",
            exit_code=WRONG_USE,
        )
    return Target(asked.pop() if asked else "local", name)


def example(text: str) -> str:
    r"""The end of a command's help; `\b` keeps the parser from filling the lines."""
    return "\b\n" + "\n".join(["Example:", *(f"  {line}" for line in text.strip().splitlines())])
