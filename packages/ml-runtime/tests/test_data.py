"""Data sets: what is read, and what is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from idp_ml import dataset as datasets
from idp_ml import schema, tables, training
from idp_ml.errors import Refused


@pytest.mark.parametrize(("name", "rows"), [("iris", 150), ("wine", 178), ("breast_cancer", 569)])
def test_shipped_data_fits_its_own_schema(name: str, rows: int) -> None:
    table = tables.load(name)
    assert (len(table.frame), table.pin) == (rows, name)
    assert table.schema.target not in table.features.columns


def test_every_failing_value_is_named_at_once(dataset: Path) -> None:
    file = dataset / "data" / "rows.csv"
    lines = file.read_text().splitlines()
    lines[1] = "0,tall,blue,2026-13-01,a"
    lines[2] = "0,11,,2026-01-01,c"
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(Refused) as refused:
        datasets.check(dataset)
    text = str(refused.value)
    for fault in (
        "7 values break the schema, in 2 of 80 rows",
        "row 2, column size: 'tall' is not a number",
        "row 2, column colour: 'blue' is not one of red, green",
        "row 2, column seen: '2026-13-01' is not a date",
        "row 3, column size: '11' is above 10",
        "row 3, column colour: '' is empty",
        "row 3, column kind: 'c' is not one of a, b",
        "row 3, column id: '0' is the key of row 2, too",
    ):
        assert fault in text


def test_columns_must_be_those_of_the_schema(dataset: Path) -> None:
    file = dataset / "data" / "rows.csv"
    file.write_text(file.read_text().replace("size", "length", 1))
    with pytest.raises(Refused, match=r"column length.*is not in the schema\n.*column size.*is missing"):
        datasets.check(dataset)


def test_a_schema_is_checked_as_a_whole() -> None:
    with pytest.raises(Refused) as refused:
        schema.parse("key: [z]\ncolumns: {a: {type: text, maximum: 3}}")
    assert all(
        part in str(refused.value) for part in ("unknown key maximum", "type must be", "z: is key", "files")
    )


def test_a_version_names_the_content(dataset: Path) -> None:
    before = datasets.version(dataset)
    assert before == datasets.version(dataset)
    file = dataset / "data" / "rows.csv"
    file.write_text(file.read_text() + "99,1,red,,a\n")
    assert datasets.version(dataset) != before
    assert before.startswith("data-")


def test_a_profile_and_a_suggestion_describe_the_columns(dataset: Path) -> None:
    page = datasets.described(dataset)
    assert "| Rows | 80 |" in page
    assert "`size` | number | cm" in page
    assert schema.parse(f"data: {{url: x}}\n{datasets.suggest(dataset)}").names == (
        "id",
        "size",
        "colour",
        "seen",
        "kind",
    )


def test_held_out_rows_stay_held_out_when_data_grows() -> None:
    table = tables.load("iris")
    parts = training.split(table, 0.25, 7)
    assert 20 < len(parts.unseen) < 55
    fewer = tables.Table(**{**vars(table), "frame": table.frame.iloc[::2]})
    assert set(training.split(fewer, 0.25, 7).unseen.index) <= set(parts.unseen.index)


def test_unknown_sources_and_targets_are_explained(dataset: Path) -> None:
    with pytest.raises(Refused, match="dataset:NAME"):
        tables.load("mnist")
    with pytest.raises(Refused, match="no column"):
        tables.load(f"folder:{dataset}", "weight")
