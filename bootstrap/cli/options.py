"""Options that several commands share, so that they are spelt and explained once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

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


def complete_names() -> list[str]:
    """Platforms that this machine knows."""
    from bootstrap import instance

    return instance.names()


def _complete_contexts() -> list[str]:
    from bootstrap import contexts

    return contexts.names()


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
        autocompletion=complete_names,
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
    str, typer.Option("--target", metavar="KIND", help="Where to run, by name: local, cloud, existing.")
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
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow", metavar="CIDR", help="Network that may reach a cloud platform from outside; repeatable."
    ),
]
Ttl = Annotated[
    str,
    typer.Option("--ttl", metavar="TIME", help="After which time a cloud platform may be removed: 8h, 3d."),
]
Context = Annotated[
    str,
    typer.Option(
        "--context",
        metavar="NAME",
        autocompletion=_complete_contexts,
        help="In the cluster of that context of your kubeconfig.",
    ),
]
FactsFile = Annotated[
    Path | None,
    typer.Option(
        "--facts",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="YAML: what you know of that cluster, and keys to services outside.",
    ),
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
    place: Target,
    stack: str = "",
    size: Size = Size.AUTO,
    profile: str = "",
    domain: str = "",
    allow: Sequence[str] = (),
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
        allow or (known.allow if known else ()),
    )


def target(
    name: str, local: bool, cloud: bool, kind: str, context: str = "", facts: Mapping[str, Any] | None = None
) -> Target:
    """The target that the flags mean, else the one on which the platform runs, else this machine.

    Raises IDP-A011 where the flags contradict each other, or the platform.
    """
    from bootstrap import instance

    if cloud or kind == "cloud":
        _adopt(name)
    known = instance.find(name)
    flags = (("local", local), ("cloud", cloud), (kind, bool(kind)), ("existing", bool(context)))
    asked = {k for k, wanted in flags if wanted} or {known.target if known else "local"}
    if len(asked) > 1:
        raise _two_targets(f"a platform runs on one target, not on {' and '.join(sorted(asked))}")
    if known and asked != {known.target}:
        raise _two_targets(f"`{name}` runs on the target `{known.target}`, not on `{min(asked)}`")
    before = instance.where(known) if known else Target("", name)
    return Target(min(asked), name, context or before.context, facts or before.facts)


def _adopt(name: str) -> None:
    """Learn of a platform that another machine brought up; without an account it is planned as a new one."""
    from bootstrap.cloud import records

    try:
        records.adopt(name)
    except IdpError as error:
        if not error.code.startswith(("IDP-C00", "IDP-P020", "IDP-C012")):
            raise


def _two_targets(what: str) -> IdpError:
    return IdpError(
        "IDP-A011", what, fix="idp up --local   # another platform: --name OTHER", exit_code=WRONG_USE
    )


def example(text: str) -> str:
    r"""The end of a command's help; `\b` keeps the parser from filling the lines."""
    return "\b\n" + "\n".join(["Example:", *(f"  {line}" for line in text.strip().splitlines())])
