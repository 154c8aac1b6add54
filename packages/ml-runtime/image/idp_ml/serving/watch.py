"""Keeps the version behind an alias at hand. The one in service stays until a better one is loaded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from idp_ml.tracking import Loaded, Version

#: A version that could not be loaded is tried again after this many seconds, not at every look.
RETRY_SECONDS = 60.0


class Registry(Protocol):
    """What the watch needs of MLflow; `idp_ml.tracking` fits."""

    def by_alias(self, name: str, alias: str) -> Version | None: ...
    def load(self, version: Version) -> Loaded: ...


@dataclass(frozen=True)
class State:
    """What is served, and what is the matter, if anything is."""

    serving: Loaded | None = None
    trouble: str = ""


class Watch:
    """`look` once, or `start` to look again and again in the background."""

    def __init__(
        self, registry: Registry, name: str, alias: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._registry, self._name, self._alias, self._clock = registry, name, alias, clock
        self._state = State(trouble=f"{name} is being loaded")
        self._failed: tuple[Version, float] | None = None
        self._stopped = threading.Event()

    @property
    def state(self) -> State:
        return self._state

    def start(self, seconds: float) -> None:
        def run() -> None:
            while not self._stopped.is_set():
                self.look()
                self._stopped.wait(seconds)

        threading.Thread(target=run, name="watch", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def look(self) -> None:
        """Take up what the alias stands for now. Never raises: a service outlives its registry."""
        try:
            version = self._registry.by_alias(self._name, self._alias)
        except Exception as error:
            self._keep(f"MLflow cannot be asked for {self._name}: {_line(error)}")
            return
        if version is None:
            self._keep(f"there is no version of {self._name} with the alias {self._alias} in MLflow yet")
        elif self._is_served(version):
            self._keep("")
        elif not self._failed_lately(version):
            self._take_up(version)

    def _take_up(self, version: Version) -> None:
        try:
            loaded = self._registry.load(version)
            _rehearse(loaded)
        except Exception as error:
            self._failed = (version, self._clock())
            self._keep(f"{version} cannot be served: {_line(error)}")
        else:
            self._state, self._failed = State(loaded), None

    def _is_served(self, version: Version) -> bool:
        served = self._state.serving
        return served is not None and (served.version.number, served.version.run) == (
            version.number,
            version.run,
        )

    def _failed_lately(self, version: Version) -> bool:
        if self._failed is None or self._failed[0].number != version.number:
            return False
        return self._clock() - self._failed[1] < RETRY_SECONDS

    def _keep(self, trouble: str) -> None:
        self._state = State(self._state.serving, trouble)


def _rehearse(loaded: Loaded) -> None:
    """A version that cannot answer one question must not go live."""
    row = example(loaded)
    loaded.model.predict_proba(pd.DataFrame([row], columns=list(loaded.columns)))


def example(loaded: Loaded) -> dict[str, Any]:
    """An instance like those of the training data."""
    described = loaded.reference["features"]
    return {name: _typical(described.get(name, {}), kind) for name, kind in loaded.columns.items()}


def _typical(described: Any, kind: str) -> Any:
    if described.get("type") == "category":
        value = max(described["shares"], key=described["shares"].get)
        return value == "True" if kind == "boolean" else value
    return round(described.get("mean", 0.0), 3)


def _line(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0][:300]
    return text or type(error).__name__
