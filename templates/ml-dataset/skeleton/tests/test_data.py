"""What this data promises to those who use it. `schema.yaml` says what a value may be; the rest is here."""

from __future__ import annotations

from pathlib import Path

import pytest
from idp_ml import dataset, schema, tables

# In the cluster all files lie side by side.
FOLDER = next(folder for folder in Path(__file__).parents if (folder / "schema.yaml").is_file())
FEWEST_ROWS = 5


@pytest.fixture(scope="module")
def table() -> tables.Table:
    if not schema.parse((FOLDER / "schema.yaml").read_text()).columns:
        pytest.skip("schema.yaml describes no columns yet; run: python -m idp_ml dataset suggest")
    return tables.load(f"folder:{FOLDER}")


def test_every_value_fits_the_schema(table: tables.Table) -> None:
    assert len(table.frame)


def test_every_label_has_enough_rows_to_learn_from(table: tables.Table) -> None:
    if not table.schema.target:
        pytest.skip("there is no target")
    counts = table.target.value_counts()
    rare = {label: int(count) for label, count in counts.items() if count < FEWEST_ROWS}
    assert not rare, f"labels with fewer than {FEWEST_ROWS} rows: {rare}"


def test_the_profile_is_current(table: tables.Table) -> None:
    page = FOLDER / dataset.PROFILE
    if not page.is_file():
        pytest.skip("the documentation is not here")
    assert page.read_text() == dataset.described(FOLDER), "run: python -m idp_ml dataset profile"
