"""`idp cloud iam`: the roles by which CI works in an account, ready to be made."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bootstrap.cli import options
from bootstrap.console.output import print_line

if TYPE_CHECKING:
    from bootstrap.cloud.iam.estate import Estate


class Format(StrEnum):
    """Documents by name, or one template that makes everything."""

    JSON = "json"
    CLOUDFORMATION = "cloudformation"


Github = Annotated[
    str,
    typer.Option(
        "--github",
        metavar="OWNER/REPO",
        help="Repository whose workflows are trusted; a newer one with its ids: OWNER@ID/REPO@ID.",
    ),
]
Environment = Annotated[
    str, typer.Option(metavar="NAME", help="GitHub environment whose approval comes before changes.")
]
Branch = Annotated[str, typer.Option(metavar="NAME", help="Branch that is applied and watched for drift.")]
Account = Annotated[str, typer.Option(metavar="ID", help="AWS account; default: that of the credentials.")]
Region = Annotated[str, typer.Option(metavar="REGION", help="AWS region; default: the configured one.")]


def iam(
    github: Github,
    environment: Environment = "production",
    branch: Branch = "main",
    name: options.Name = options.DEFAULT_NAME,
    account: Account = "",
    region: Region = "",
    output: Annotated[
        Format, typer.Option("--output", "-o", help="Documents by name, or one template for all.")
    ] = Format.JSON,
) -> None:
    """Print roles, policies and trust for CI.

    A role that previews and only reads, one that applies, and a boundary that neither they nor the roles that
    they make can exceed. Nothing is changed; AWS is asked only for what is not given.

    \b
    Examples:
      idp cloud iam --github example/platform
      idp cloud iam --github example/platform -o cloudformation > roles.yaml
      idp cloud iam --github example@1/platform@2 --account 123456789012 --region eu-central-1
    """
    from bootstrap.cloud.iam import documents as writing

    documents = writing.documents(estate(name, account, region), github, environment, branch)
    if output is Format.CLOUDFORMATION:
        from bootstrap.cloud.iam import template

        print_line(template.text(documents).rstrip())
    else:
        import json

        print_line(json.dumps(documents.by_name, indent=2))


def estate(name: str, account: str, region: str) -> Estate:
    """The platform's place, asked of AWS as far as it is not given. Raises IDP-C001 to C007, IDP-C070."""
    from bootstrap.cloud import session
    from bootstrap.cloud.iam.estate import estate as checked

    aws = session.connect(region)
    return checked(name, aws.region, account or aws.account().id, aws.partition)
