"""A small trained model, made once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import data
import settings
import train
from service import create_app
from settings import Settings
from store import Model, Store


@pytest.fixture(scope="session")
def chosen() -> Settings:
    return settings.load()


@pytest.fixture(scope="session")
def dataset(chosen: Settings) -> data.Dataset:
    return data.load(chosen.dataset)


@pytest.fixture(scope="session")
def model(chosen: Settings, dataset: data.Dataset) -> Model:
    classifier, findings = train.train(dataset, chosen.training)
    return Model(classifier, train.record(chosen, dataset, findings))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def client(chosen: Settings, store: Store) -> Iterator[TestClient]:
    with TestClient(create_app(chosen, store)) as started:
        yield started
