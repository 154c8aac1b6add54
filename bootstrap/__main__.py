"""The `idp` command: run it, and turn whatever happened into an exit code."""

from __future__ import annotations

import sys

from bootstrap import cli


def main() -> None:
    """Entry point of the console script and of `python -m bootstrap`."""
    sys.exit(cli.run(sys.argv[1:]))


if __name__ == "__main__":
    main()
