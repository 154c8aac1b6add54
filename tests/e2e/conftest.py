"""One data set, pipeline and service for all tests that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bootstrap.http import client
from bootstrap.portal import PortalClient
from tests.e2e.life import DATASET, MODEL, SERVICE, Life
from tests.platform import Platform


@pytest.fixture(scope="session")
def life(platform: Platform) -> Iterator[Life]:
    """A data set, a pipeline that learns from it, and a service in front of what comes of it."""
    endpoints = platform.status()["endpoints"]
    portal = PortalClient.for_instance(platform.name, endpoints["backstage"], data=platform.data)
    portal.sign_in("data-scientist", platform.password("data-scientist"))
    with portal, client(platform.name, data=platform.data) as http:
        made = Life(platform, portal, http, endpoints)
        made.scaffold("ml-dataset", name=DATASET, source="starter")
        made.scaffold(
            "ml-training-pipeline",
            **{"name": MODEL, "source": "dataset", "dataset": DATASET},
            **{"schedule": "none", "sweep": True, "promote": True},
        )
        made.scaffold("ml-model-service", name=SERVICE, model=MODEL, alias="production", exposure="gateway")
        yield made
