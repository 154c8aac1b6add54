"""The `idp` command: run it, and turn whatever happened into an exit code."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the console script and of `python -m bootstrap`."""
    try:
        from bootstrap import cli

        cli.watch_for_interrupt(sys.argv[1:])
        code = cli.run(sys.argv[1:])
        if code == cli.INTERRUPTED:
            cli.leave()
        sys.exit(code)
    except KeyboardInterrupt:  # so early that nothing had begun
        sys.exit(130)


if __name__ == "__main__":
    main()
