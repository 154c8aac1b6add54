"""A page about a data set that nobody has to write: rows, columns, distributions. Pure."""

from __future__ import annotations

import pandas as pd

from idp_ml.schema import Column
from idp_ml.tables import Table

_BARS = "▁▂▃▄▅▆▇█"


def markdown(table: Table) -> str:
    """The profile as a page of the documentation."""
    described, frame = table.schema, table.frame
    lines = [
        "# Profile",
        "",
        "Made from the data by `python -m idp_ml dataset profile`; a test says when it is out of date.",
        "",
        "| | |",
        "|---|---|",
        f"| Rows | {len(frame)} |",
        f"| Columns | {len(described.columns)} |",
        f"| Key | {', '.join(described.key) or 'none'} |",
        f"| Target | {described.target or 'none'} |",
        f"| SHA-256 | `{table.sha256}` |",
        "",
        "| column | type | unit | empty | distinct | least | mean | most | distribution |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_row(column, frame[column.name]) for column in described.columns),
    ]
    if described.target:
        shares = frame[described.target].astype(str).value_counts().sort_index()
        lines += ["", f"## {described.target}", "", "| value | rows | share |", "|---|---|---|"]
        lines += [f"| {value} | {count} | {count / len(frame):.1%} |" for value, count in shares.items()]
    return "\n".join(lines) + "\n"


def _row(column: Column, values: pd.Series) -> str:
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    least, mean, most = (
        (f"{values.min():.4g}", f"{values.mean():.4g}", f"{values.max():.4g}") if numeric else ("", "", "")
    )
    cells = [
        f"`{column.name}`",
        column.type,
        column.unit,
        str(int(values.isna().sum() + (values == "").sum())),
        str(values.nunique()),
        least,
        mean,
        most,
        _histogram(values) if numeric else "",
    ]
    return f"| {' | '.join(cells)} |"


def _histogram(values: pd.Series) -> str:
    """Eight bars, from the least value to the most."""
    if values.nunique() < 2:
        return ""
    counts = pd.cut(values, bins=8).value_counts(sort=False)
    return "".join(_BARS[round(count / counts.max() * (len(_BARS) - 1))] for count in counts)
