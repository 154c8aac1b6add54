"""`idp cloud …`: the account that a cloud platform stands in; one module per concern."""

from __future__ import annotations

import typer

from bootstrap.cli.cloud import foundation, iam, leaks, reap, shared, workflow

app = typer.Typer(help="Prepare, inspect and tidy up a cloud account.", rich_markup_mode=None)
app.command("bootstrap")(foundation.bootstrap)
app.command("teardown")(foundation.teardown)
app.command("connect")(shared.connect)
app.command("unlock")(shared.unlock)
app.command("leaks")(leaks.leaks)
app.command("reap")(reap.reap)
app.command("iam")(iam.iam)
app.command("workflow")(workflow.workflow)
