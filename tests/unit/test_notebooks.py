"""What the hub grants and which routes it makes; the rest of it needs JupyterHub and a cluster."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

IMAGE = Path(__file__).parents[2] / "packages/notebooks/image"


@pytest.fixture(scope="module")
def hub() -> Iterator[dict[str, ModuleType]]:
    """The modules of the hub's image that need nothing but Python."""
    sys.path.insert(0, str(IMAGE))
    yield {name: importlib.import_module(f"idp_hub.{name}") for name in ("wishes", "routes")}
    sys.path.remove(str(IMAGE))


@pytest.mark.parametrize(
    ("options", "repository", "folder", "seconds"),
    [
        ({}, "", "", 8 * 3600),
        ({"repository": ["ml/iris"], "hours": ["2"]}, "ml/iris", "iris", 7200),
        ({"repository": "ml/iris", "hours": 0.05}, "ml/iris", "iris", 180),
        ({"repository": [""], "hours": [""]}, "", "", 8 * 3600),
    ],
)
def test_a_wish_is_read_from_forms_addresses_and_the_api(
    hub: dict[str, ModuleType], options: dict[str, Any], repository: str, folder: str, seconds: int
) -> None:
    wish = hub["wishes"].read(options, hub["wishes"].Limits(8, 24))
    assert (wish.repository, wish.folder, wish.seconds) == (repository, folder, seconds)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hours": "25"}, "at most 24 hours"),
        ({"hours": "0"}, "at least a minute"),
        ({"hours": "nan"}, "at least a minute"),
        ({"hours": "soon"}, "not a number"),
        ({"repository": "iris"}, "looks like ml/my-experiment"),
        ({"repository": "https://elsewhere.example/ml/iris"}, "looks like ml/my-experiment"),
        ({"repository": "ml/../idp"}, "looks like ml/my-experiment"),
        ({"repository": "ml/iris; reboot"}, "looks like ml/my-experiment"),
        ({"repository": "ml/{iris}"}, "looks like ml/my-experiment"),
    ],
)
def test_what_cannot_be_granted_is_refused_in_words(
    hub: dict[str, ModuleType], options: dict[str, Any], message: str
) -> None:
    wishes = hub["wishes"]
    with pytest.raises(wishes.Refused, match=message):
        wishes.read(options, wishes.Limits(8, 24))


def test_the_form_offers_no_more_than_is_granted(hub: dict[str, ModuleType]) -> None:
    wishes = hub["wishes"]
    form = wishes.form(wishes.Limits(default=8, most=10))
    assert '<option value="8" selected>' in form
    assert 'value="12"' not in form


def test_a_route_leads_to_the_workspace_and_remembers_what_it_was_made_for(
    hub: dict[str, ModuleType],
) -> None:
    routes = hub["routes"]
    target = "http://workspace-ada--iris.notebooks.svc.cluster.local:8888"
    made = routes.manifest(
        "/user/ada/iris/", target, {"user": "ada"}, routes.Place("notebooks", "notebooks.idp.localhost")
    )
    assert made["spec"] == {
        "parentRefs": [{"name": "platform", "namespace": "gateway"}],
        "hostnames": ["notebooks.idp.localhost"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/user/ada/iris"}}],
                "backendRefs": [{"name": "workspace-ada--iris", "port": 8888}],
            }
        ],
    }
    assert routes.described(made) == {
        "routespec": "/user/ada/iris/",
        "target": target,
        "data": {"user": "ada"},
    }


def test_routes_of_different_workspaces_have_different_names(hub: dict[str, ModuleType]) -> None:
    name_of = hub["routes"].name_of
    assert name_of("/user/ada/iris/") != name_of("/user/ada/iri/s/")
    assert len(name_of("/user/ada/iris/")) <= 63
