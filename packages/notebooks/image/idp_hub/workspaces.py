"""How a wish becomes a pod, and a link in the portal a workspace."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from jupyterhub.handlers import BaseHandler
from jupyterhub.utils import url_escape_path, url_path_join
from tornado import web

from idp_hub import wishes
from idp_hub.wishes import Limits, Refused

HOME = "/home/workspace"


def options_reader(limits: Limits) -> Any:
    """Turns a form or an address into options; a wish that cannot be granted is said so on the page."""

    def options_from_form(data: dict[str, list[str]]) -> dict[str, Any]:
        try:
            wish = wishes.read(data, limits)
        except Refused as refused:
            raise web.HTTPError(400, str(refused)) from refused
        return {"repository": wish.repository, "hours": wish.hours}

    return options_from_form


def options_applier(limits: Limits, source: str) -> Any:
    """Shapes the pod; whoever calls the API instead of filling in a form is held to the limits too."""

    def apply_user_options(spawner: Any, options: dict[str, Any]) -> None:
        try:
            wish = wishes.read(options, limits)
        except Refused as refused:
            raise web.HTTPError(400, str(refused)) from refused
        # The kubelet itself ends the pod, whatever the hub or the workspace is doing then.
        spawner.extra_pod_config = {
            **spawner.extra_pod_config,
            "activeDeadlineSeconds": wish.seconds,
        }
        spawner.environment = {**spawner.environment, "WORKSPACE_HOURS": f"{wish.hours:g}"}
        if wish.repository:
            spawner.notebook_dir = f"{HOME}/{wish.folder}"
            spawner.init_containers = [checkout(spawner, f"{source}/{wish.repository}.git", wish.folder)]
        else:
            spawner.notebook_dir = HOME
            spawner.init_containers = []

    return apply_user_options


def checkout(spawner: Any, source: str, folder: str) -> dict[str, Any]:
    """The container that clones the repository before the workspace opens."""
    return {
        "name": "checkout",
        "image": spawner.image,
        "command": ["workspace-checkout"],
        "env": [
            {"name": "HOME", "value": HOME},
            {"name": "SOURCE", "value": source},
            {"name": "FOLDER", "value": folder},
            {"name": "GIT_TERMINAL_PROMPT", "value": "0"},
        ],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": spawner.container_security_context,
        "volumeMounts": spawner.volume_mounts,
    }


class WorkspaceLink(BaseHandler):  # type: ignore[misc]
    """`/hub/workspace/OWNER/NAME?hours=8`: the workspace of whoever follows the link, started if need be."""

    @web.authenticated  # type: ignore[untyped-decorator]
    def get(self, owner: str, name: str) -> None:
        wish = {"opt-repository": f"{owner}/{name}"}
        hours = self.get_query_argument("hours", "")
        if hours:
            wish["opt-hours"] = hours
        user = url_escape_path(self.current_user.name)
        path = url_path_join(self.hub.base_url, "spawn", user, url_escape_path(name))
        self.redirect(f"{path}?{urlencode(wish)}")
