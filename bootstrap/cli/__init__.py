"""The command line: parses, calls one function per command, prints. Nothing is decided here.

Modules that take long to load (Pulumi, Kubernetes, HTTP) are imported inside the commands, so that
`idp --help` and completion answer at once.
"""

from bootstrap.cli.app import run
from bootstrap.cli.interrupt import leave
from bootstrap.cli.interrupt import watch as watch_for_interrupt
from bootstrap.console.failure import INTERRUPTED

__all__ = ["INTERRUPTED", "leave", "run", "watch_for_interrupt"]
