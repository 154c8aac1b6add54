"""What people and checks do with a data set repository."""

from __future__ import annotations

from pathlib import Path

from idp_ml import profile, schema, tables
from idp_ml.errors import Refused

PROFILE = Path("docs", "profile.md")


def check(folder: Path) -> str:
    """Every value against the schema. Raises Refused with all failing values."""
    table = tables.checked(tables.folder_of(folder))
    return f"{len(table.frame)} rows, every value fits the schema; version {version(folder)}"


def version(folder: Path) -> str:
    """Names the content, not the moment: the same data is the same version. Also the name of its Git tag."""
    return f"data-{tables.folder_of(folder).version}"


def described(folder: Path) -> str:
    """The profile of the data as it is now."""
    return profile.markdown(tables.checked(tables.folder_of(folder)))


def write_profile(folder: Path) -> str:
    (folder / PROFILE).write_text(described(folder))
    return f"wrote {PROFILE}"


def suggest(folder: Path) -> str:
    """A draft of `columns` for schema.yaml, from the data itself."""
    raw = tables.folder_of(folder)
    try:
        import io

        import pandas as pd

        return schema.suggest(pd.read_csv(io.StringIO(raw.cells.to_csv(index=False))))
    except ValueError as error:
        raise Refused(f"the data cannot be read: {error}") from error
