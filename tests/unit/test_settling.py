"""Waiting until a platform runs what was moved, and asking Argo CD about nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bootstrap import kube
from bootstrap.progress import silent
from bootstrap.promotion import settling

ALL = ("deployments", "platform", "pump-api", "pump-state")


@dataclass
class Cluster:
    """One in which everything is synced and healthy; `refreshed` are applications that were asked about."""

    refreshed: list[str] = field(default_factory=list)

    def list(self, kind: str) -> Sequence[Any]:
        return [application(name) for name in ALL]

    def refresh_applications(self, names: Collection[str]) -> None:
        self.refreshed += names

    def wait_for(
        self, kind: str, missing: Callable[[Any], Any], waiting: object, timeout: float
    ) -> Sequence[Any]:
        found = self.list(kind)
        assert not missing(found)
        return found


def application(name: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"source": {"repoURL": f"http://gitea.gitea.svc:3000/ml/{name}.git"}},
        "status": {"sync": {"status": "Synced", "revision": "1"}, "health": {"status": "Healthy"}},
    }


@pytest.mark.parametrize(
    ("services", "gone", "heads", "refreshed"),
    [
        ([], [], {}, []),
        ([], [], {"bench/no-service": "2"}, []),
        ([], [], {"ml/pump-api": "1"}, ["pump-api"]),
        (["pump-api"], [], {}, ["deployments", "pump-api"]),
        ([], ["pump-scores"], {}, ["deployments"]),
    ],
)
def test_argo_cd_looks_only_at_what_was_moved(
    services: list[str], gone: list[str], heads: dict[str, str], refreshed: list[str]
) -> None:
    cluster = Cluster()
    with silent().step("wait") as step:
        settled = settling.wait(cast(kube.Cluster, cluster), services, gone, heads, step)
    assert cluster.refreshed == refreshed
    assert settled == len({*refreshed} - {"deployments"})
