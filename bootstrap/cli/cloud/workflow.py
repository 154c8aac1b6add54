"""`idp cloud workflow`: the files by which CI previews, applies, and watches a platform."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bootstrap.cli import options
from bootstrap.cli.cloud import iam
from bootstrap.console.output import print_json, print_line


class Kind(StrEnum):
    """Where the workflow runs."""

    GITHUB = "github"
    ARGO = "argo"


def workflow(
    kind: Annotated[Kind, typer.Argument(help="Where it runs.")],
    profile: options.Profile = "",
    domain: options.Domain = "",
    stack: options.Stack = options.DEFAULT_STACK,
    name: options.Name = options.DEFAULT_NAME,
    environment: iam.Environment = "production",
    branch: iam.Branch = "main",
    account: iam.Account = "",
    region: iam.Region = "",
    image: Annotated[
        str, typer.Option(metavar="IMAGE", help="For Argo: image with idp[cloud], its tools and git.")
    ] = "",
    output: options.OutputOption = options.Output.TABLE,
) -> None:
    """Print a workflow for CI.

    It previews every pull request, applies what is merged, and tells of drift. GitHub's runs on GitHub, by
    the roles of `idp cloud iam`; Argo's runs inside a platform, for repositories in its Gitea.

    \b
    Examples:
      idp cloud workflow github --domain idp.example.org > .github/workflows/platform.yaml
      idp cloud workflow argo --domain idp.example.org --image registry.example.org/idp:1 > ci.yaml
    """
    from bootstrap.cloud import workflow as writing

    order = writing.Order(
        iam.estate(name, account, region), stack, profile, domain, environment, branch, image
    )
    text = writing.text(str(kind), order)
    if output is options.Output.JSON:
        print_json({"path": writing.PATHS[str(kind)], "text": text})
    else:
        print_line(text.rstrip())
