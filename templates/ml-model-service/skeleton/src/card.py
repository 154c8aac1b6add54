"""The figures of a training run, written between two markers of the model card."""

from __future__ import annotations

from typing import Any

START = "<!-- figures: start -->"
END = "<!-- figures: end -->"


def filled(card: str, record: dict[str, Any]) -> str:
    """The card with the record's figures. Raises ValueError where the markers are gone."""
    before, start, rest = card.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the model card must keep the lines `{START}` and `{END}`")
    return f"{before}{START}\n\n{figures(record)}\n\n{END}{after}"


def figures(record: dict[str, Any]) -> str:
    """Metrics, origin and the features that matter most, as Markdown."""
    weights = sorted(record["importance"].items(), key=lambda item: -item[1])[:5]
    rows = record["rows"]
    tables = [
        _table("Metric", f"On {rows['test']} unseen rows", record["metrics"].items()),
        _table("Feature", "Loss of accuracy when shuffled", weights),
        _table(
            "Origin",
            "",
            [
                ("Version", f"`{record['version']}`"),
                ("Trained at", record["trained_at"]),
                ("Data", f"{record['dataset']['name']}, `{record['dataset']['sha256'][:16]}`"),
                ("Code", f"`{record['code_sha256'][:16]}`"),
                ("scikit-learn", record["libraries"]["scikit-learn"]),
            ],
        ),
    ]
    return "\n\n".join(tables)


def _table(left: str, right: str, rows: Any) -> str:
    return "\n".join([f"| {left} | {right} |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows)])
