"""lightkube's classes for the kinds of a cluster, made from what the cluster itself says about them."""

from __future__ import annotations

import threading
from typing import Any

from bootstrap.errors import IdpError

#: lightkube keeps one registry of kinds per process and refuses a second class of one kind.
_REGISTERING = threading.Lock()


class Kinds:
    """The kinds of one cluster, by API version and kind: `apps/v1/Deployment`."""

    def __init__(self, config: Any, trust_env: bool) -> None:
        _learn_messages()
        self._config, self._trust_env = config, trust_env
        self._known: dict[str, Any] = {}

    def of(self, kind: str) -> Any:
        """The class for a kind. Raises IDP-K002 where the cluster has none of that name."""
        if kind not in self._known:
            self._known[kind] = self._discovered(kind)
        return self._known[kind]

    def raw(self) -> Any:
        """Plain HTTP to the API, for what lightkube has no class for."""
        from lightkube.config.client_adapter import Client, ConnectionParams

        return Client(self._config, ConnectionParams(trust_env=self._trust_env))

    def _discovered(self, kind: str) -> Any:
        from lightkube.core import decoders
        from lightkube.core.resource_registry import resource_registry

        api_version, _, name = kind.rpartition("/")
        with _REGISTERING:
            found = resource_registry.get(api_version, name) or self._registered(kind, api_version, name)
            decoders.decode_list(b'{"items": []}', found)  # see _learn_messages
        return found

    def _registered(self, kind: str, api_version: str, name: str) -> Any:
        from lightkube.generic_resource import create_global_resource, create_namespaced_resource

        with self.raw() as raw:
            answer = raw.get(("apis/" if "/" in api_version else "api/") + api_version)
        for resource in answer.json().get("resources", []) if answer.is_success else []:
            if resource["kind"] == name and "/" not in resource["name"]:
                group, _, version = api_version.rpartition("/")
                create = create_namespaced_resource if resource["namespaced"] else create_global_resource
                return create(group, version, name, resource["name"])
        raise unknown(kind, answer.reason_phrase)


def unknown(kind: str, why: str) -> IdpError:
    """The error for a kind that the cluster does not have."""
    return IdpError("IDP-K002", f"the cluster has no kind {kind}", why, "idp up")


def _learn_messages() -> None:
    """Let msgspec, which decodes for lightkube, see the API's own messages in one thread.

    msgspec 0.22 ends the process with a segmentation fault where two threads decode a type for the
    first time at once.
    """
    from lightkube.core import decoders

    with _REGISTERING:
        decoders.decode_status(b"{}")
        decoders.decode_watch_event(b'{"type": "", "object": {}}')
