"""What a training run must guarantee."""

from __future__ import annotations

from pathlib import Path

import pytest

import card
import data
import settings
import train
from settings import Settings
from store import DamagedModel, Model, Store

CARD = Path(__file__).parents[1] / "docs" / "model-card.md"


def test_the_model_passes_its_gate(model: Model, chosen: Settings) -> None:
    assert model.record["metrics"]["accuracy"] >= chosen.minimum_accuracy


def test_the_same_code_and_data_give_the_same_model(model: Model, chosen: Settings, dataset: data.Dataset) -> None:
    again, findings = train.train(dataset, chosen.training)
    assert findings["metrics"] == model.record["metrics"]
    assert (again.predict(dataset.rows) == model.classifier.predict(dataset.rows)).all()


def test_a_record_names_data_and_code(model: Model, dataset: data.Dataset) -> None:
    assert model.record["dataset"] == {"name": dataset.name, "sha256": dataset.sha256}
    assert model.record["code_sha256"] == train.code_sha256()
    assert set(model.record["importance"]) == set(dataset.features)


def test_a_worse_model_is_refused_and_the_old_one_stays(
    model: Model, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.publish(model)
    strict = settings.load()
    monkeypatch.setattr(settings, "load", lambda: Settings(**{**vars(strict), "minimum_accuracy": 1.01}))
    monkeypatch.setenv("MODELS", str(store.folder))
    assert train.main([]) == train.REFUSED
    assert store.current_version() == model.version


def test_training_publishes_and_fills_in_the_card(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "card.md"
    written.write_text(CARD.read_text())
    monkeypatch.setenv("MODELS", str(store.folder))
    assert train.main(["--card", str(written)]) == 0
    loaded = store.load(str(store.current_version()))
    assert str(loaded.record["metrics"]["accuracy"]) in written.read_text()
    assert card.START in written.read_text()


def test_damaged_models_are_not_loaded(model: Model, store: Store) -> None:
    store.publish(model)
    (store.folder / model.version / "model.joblib").write_bytes(b"something else")
    with pytest.raises(DamagedModel):
        store.load(model.version)


def test_only_the_last_versions_are_kept(model: Model, store: Store) -> None:
    for number in range(8):
        store.publish(Model("a classifier", {**model.record, "version": f"2026-{number}"}))
    kept = sorted(path.name for path in store.folder.iterdir() if path.is_dir())
    assert kept == [f"2026-{number}" for number in range(3, 8)]
    assert store.current_version() == "2026-7"
