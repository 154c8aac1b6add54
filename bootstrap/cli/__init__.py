"""The command line: parses, calls one function per command, prints. Nothing is decided here.

Modules that take long to load (Pulumi, Kubernetes, HTTP) are imported inside the commands, so that
`idp --help` and completion answer at once.
"""

from bootstrap.cli.app import run

__all__ = ["run"]
