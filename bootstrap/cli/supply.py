"""`idp bundle push|verify|sbom`: images in a registry, with what makes them trustworthy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bootstrap.cli import options
from bootstrap.cli.options import Output
from bootstrap.console import Mode, print_json, print_table, reporting
from bootstrap.console.output import print_line
from bootstrap.model import Target

if TYPE_CHECKING:
    from bootstrap.bundle.lock import Lock

_REGISTRY, _KEY = "REGISTRY", "KEY"


def push(
    to: Annotated[str, typer.Option("--to", metavar=_REGISTRY, help="Host and path, as images are named.")],
    key: Annotated[
        str,
        typer.Option("--key", metavar=_KEY, help="Who signs: awskms:///ARN; default: your own key."),
    ] = "",
    stack: options.Stack = options.DEFAULT_STACK,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Push a stack's images to a registry, signed.

    With a bill of materials for each. Sign in before with `docker login`; for Amazon's registry AWS
    credentials will do. What is there is skipped, what was interrupted continues.

    \b
    Example:
      idp bundle push --to registry.example.org/team
    """
    from bootstrap.bundle import delivery, keys

    with reporting(progress) as reporter:
        done = delivery.deliver(_lock(stack), to, key, reporter)
    if output is Output.JSON:
        print_json(done)
        return
    print_table(["image", "reference"], list(done.references.items()))
    print_line()
    print_line(
        f"{done.pushed.images} images, {done.pushed.new} of them new; "
        f"{done.pushed.bytes / 1e6:.0f} MB sent, {done.signatures} signatures made"
    )
    print_line(f"Next:  idp bundle verify --from {done.registry}{keys.option(key)}")


def verify(
    source: Annotated[
        str, typer.Option("--from", metavar=_REGISTRY, help="Host and path, as images are named.")
    ],
    key: Annotated[
        str,
        typer.Option(
            "--key",
            metavar=_KEY,
            help="The signer's public key: a PEM file or awskms:///ARN; default: yours.",
        ),
    ] = "",
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every layer, too; it is all downloaded.")
    ] = False,
    stack: options.Stack = options.DEFAULT_STACK,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """Check a stack's images in a registry.

    Their digests against the bundle, their signatures, their bills of materials. Ends with 1 if
    anything is wrong.

    \b
    Example:
      idp bundle verify --from registry.example.org/team --key signing.pub
    """
    from bootstrap.bundle import delivery

    with reporting(progress) as reporter:
        verdicts = delivery.verify(_lock(stack), source, key, reporter, deep)
    if output is Output.JSON:
        print_json([{"name": v.name, "reference": v.reference, "faults": v.faults} for v in verdicts])
    else:
        rows = [[v.name, "yes" if v.ok else "NO", "; ".join(v.faults)] for v in verdicts]
        print_table(["image", "ok", "what is wrong"], rows)
    if not all(verdict.ok for verdict in verdicts):
        raise typer.Exit(1)


def sbom(
    image: Annotated[str, typer.Argument(metavar="[IMAGE]", help="One image, in full.")] = "",
    stack: options.Stack = options.DEFAULT_STACK,
    progress: options.Progress = Mode.AUTO,
    output: options.OutputOption = Output.TABLE,
) -> None:
    """What images are made of, as CycloneDX.

    Without IMAGE a table of how much of what is in each. Packages of Debian, Python, npm and Go.

    \b
    Examples:
      idp bundle sbom
      idp bundle sbom gitea -o json
    """
    from bootstrap.bundle import delivery

    with reporting(progress) as reporter:
        bills = delivery.bills(_lock(stack), image, reporter)
    if output is Output.JSON:
        print_json(bills[image] if image else bills)
    elif image:
        rows = [[c["name"], c.get("version", ""), c["purl"]] for c in bills[image]["components"]]
        print_table(["component", "version", "package URL"], rows)
    else:
        kinds = ("deb", "pypi", "npm", "golang")
        counts = {name: delivery.counts(bill) for name, bill in bills.items()}
        rows = [[name, *(str(found.get(kind, 0)) for kind in kinds)] for name, found in counts.items()]
        print_table(["image", "Debian", "Python", "npm", "Go"], rows)


def _lock(stack: str) -> Lock:
    from bootstrap import bundle, plan

    return bundle.load(plan.load(stack, Target("local", options.DEFAULT_NAME), domain="idp.invalid"))
