"""`idp cloud …`: the account that a cloud platform stands in; one module per concern."""

from __future__ import annotations

import typer

from bootstrap.cli.cloud import iam, workflow

app = typer.Typer(help="Prepare, inspect and tidy up a cloud account.", rich_markup_mode=None)
app.command("iam")(iam.iam)
app.command("workflow")(workflow.workflow)
