"""`idp cloud …`: the account that a cloud platform stands in; one module per concern."""

from __future__ import annotations

import typer

app = typer.Typer(help="Prepare, inspect and tidy up a cloud account.", rich_markup_mode=None)
