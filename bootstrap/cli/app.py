"""All commands in one application, and the one place where errors end."""

from __future__ import annotations

import os
import sys
import traceback
from itertools import pairwise

import typer
from typer.exceptions import TyperException

from bootstrap.cli import audit, bundle, cloud, cost, inspect, lifecycle, machine, promotion, template
from bootstrap.cli.interrupt import command_in
from bootstrap.console.failure import INTERRUPTED, print_error, print_interrupted
from bootstrap.errors import FAILED, WRONG_USE, IdpError

_HELP = """A complete internal developer platform for machine learning, with one command.

Start with: idp up --local
"""

app = typer.Typer(
    name="idp",
    help=_HELP,
    add_completion=True,
    # Plain help loads three times faster than Rich's, and looks the same in a pipe.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("up")(lifecycle.up)
app.command("down")(lifecycle.down)
app.command("plan")(inspect.plan)
app.command("status")(inspect.status)
app.command("secrets")(inspect.secrets)
app.command("open")(inspect.open_page)
app.command("diff")(promotion.diff)
app.command("promote")(promotion.promote)
app.command("cost")(cost.cost)
app.command("doctor")(machine.doctor)
app.add_typer(bundle.app, name="bundle")
app.add_typer(template.app, name="template")
app.add_typer(audit.app, name="audit")
app.add_typer(cloud.app, name="cloud")
app.command("explain")(machine.explain)
app.command("version")(machine.version)


def run(arguments: list[str]) -> int:
    """The exit code of `idp ARGUMENTS`: 0 ready, 1 failed, 2 wrong use, 3 differs, 4 to be
    approved, 130 interrupted."""
    as_json = _json_progress(arguments)
    try:
        code = app(args=arguments or ["--help"], prog_name="idp", standalone_mode=False)
        sys.stdout.flush()
    except IdpError as error:
        print_error(error, as_json=as_json)
        return error.exit_code
    except typer.Abort:
        code = INTERRUPTED
    except TyperException as error:
        print_error(_wrong_use(error), as_json=as_json)
        return WRONG_USE
    except BrokenPipeError:
        # The reader left. Python would complain about it once more when it flushes at the end:
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception:
        traceback.print_exc()
        sys.stderr.write("This is a bug in idp. Please report it with the lines above.\n")
        return FAILED
    if code == INTERRUPTED:
        print_interrupted(command_in(arguments))
    return code if isinstance(code, int) else 0


def _wrong_use(error: TyperException) -> IdpError:
    """What the parser refused, with the help that lists what it takes."""
    context = getattr(error, "ctx", None)  # only errors of parsing have one
    command = context.command_path if context else "idp"
    return IdpError(
        "IDP-A010",
        error.format_message() or "a command is missing",
        fix=f"{command} --help",
        exit_code=WRONG_USE,
    )


def _json_progress(arguments: list[str]) -> bool:
    """Were JSON lines asked for? Known before parsing, since parsing itself can fail."""
    return "--progress=json" in arguments or ("--progress", "json") in pairwise(arguments)
