"""The Python package behind the `idp` command."""

__version__ = "0.1.0"
