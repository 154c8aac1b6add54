"""The hub's proxy: the platform's gateway, told by HTTPRoutes."""

from __future__ import annotations

from typing import Any

from jupyterhub.proxy import Proxy
from kubernetes_asyncio.client import ApiException
from kubespawner.clients import load_config, shared_client
from traitlets import Instance

from idp_hub import routes
from idp_hub.routes import GROUP, PLURAL, VERSION, Place

NOT_FOUND, CONFLICT = 404, 409


class GatewayProxy(Proxy):  # type: ignore[misc]
    """Adds, removes and lists routes; the gateway does the rest."""

    should_start = False
    place = Instance(Place, config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        load_config()

    async def add_route(self, routespec: str, target: str, data: dict[str, Any]) -> None:
        if routespec == self.app.hub.routespec:
            return  # everything that no workspace takes goes to the hub: its own route says so
        wanted = routes.manifest(routespec, target, data, self.place)
        try:
            await self._objects.create_namespaced_custom_object(*self._kind, wanted)
        except ApiException as error:
            if error.status != CONFLICT:
                raise
            await self._replace(wanted)

    async def delete_route(self, routespec: str) -> None:
        try:
            await self._objects.delete_namespaced_custom_object(*self._kind, routes.name_of(routespec))
        except ApiException as error:
            if error.status != NOT_FOUND:
                raise

    async def get_all_routes(self) -> dict[str, dict[str, Any]]:
        found = await self._objects.list_namespaced_custom_object(*self._kind, label_selector=routes.LABEL)
        known = [routes.described(route) for route in found["items"]]
        hub = self.app.hub
        known.append({"routespec": hub.routespec, "target": hub.host, "data": {"hub": True}})
        return {route["routespec"]: route for route in known}

    async def _replace(self, wanted: dict[str, Any]) -> None:
        name = wanted["metadata"]["name"]
        old = await self._objects.get_namespaced_custom_object(*self._kind, name)
        wanted["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        await self._objects.replace_namespaced_custom_object(*self._kind, name, wanted)

    @property
    def _kind(self) -> tuple[str, str, str, str]:
        return GROUP, VERSION, self.place.namespace, PLURAL

    @property
    def _objects(self) -> Any:
        return shared_client("CustomObjectsApi")
