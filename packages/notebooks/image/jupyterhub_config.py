"""JupyterHub as the platform runs it; what differs between platforms comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from idp_hub import wishes, workspaces
from idp_hub.proxy import GatewayProxy
from idp_hub.routes import Place
from idp_hub.wishes import Limits

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821
env = os.environ


def credential(name: str) -> str:
    return Path("/etc/idp/credentials", name).read_text().strip()


namespace = env["NAMESPACE"]
limits = Limits(default=float(env["DEFAULT_HOURS"]), most=float(env["MOST_HOURS"]))

# --- the hub ---
c.JupyterHub.hub_bind_url = "http://0.0.0.0:8081"
c.JupyterHub.hub_connect_url = f"http://hub.{namespace}.svc:8081"
c.JupyterHub.public_url = f"{env['PUBLIC_URL']}/"
c.JupyterHub.db_url = (
    f"postgresql+psycopg2://{quote(credential('database/username'))}:{quote(credential('database/password'))}"
    f"@{env['PGHOST']}:{env['PGPORT']}/{env['PGDATABASE']}"
)
c.JupyterHub.db_kwargs = {"pool_size": 1, "max_overflow": 2, "pool_pre_ping": True}
c.JupyterHub.cookie_secret = bytes.fromhex(credential("hub/cookie"))
c.JupyterHub.log_level = env["LOG_LEVEL"]
# Workspaces outlive a restart of the hub.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.allow_named_servers = True
c.JupyterHub.named_server_limit_per_user = int(env["WORKSPACES_PER_USER"])
c.JupyterHub.active_server_limit = int(env["WORKSPACES"])
c.JupyterHub.default_url = "/hub/home"
c.JupyterHub.extra_handlers = [
    (r"/workspace/([a-z0-9._-]+)/([A-Za-z0-9._-]+)", workspaces.WorkspaceLink),
]
c.JupyterHub.proxy_class = GatewayProxy
c.GatewayProxy.place = Place(namespace, env["HOST"])

# --- sign-in: Gitea's browser page outside, its API inside the cluster ---
gitea = env["GITEA_IN_CLUSTER"]
c.JupyterHub.authenticator_class = "generic-oauth"
c.GenericOAuthenticator.login_service = "Gitea"
c.GenericOAuthenticator.client_id = credential("oidc/client_id")
c.GenericOAuthenticator.client_secret = credential("oidc/client_secret")
c.GenericOAuthenticator.authorize_url = f"{env['GITEA_URL']}/login/oauth/authorize"
c.GenericOAuthenticator.token_url = f"{gitea}/login/oauth/access_token"
c.GenericOAuthenticator.userdata_url = f"{gitea}/login/oauth/userinfo"
c.GenericOAuthenticator.oauth_callback_url = f"{env['PUBLIC_URL']}/hub/oauth_callback"
c.GenericOAuthenticator.scope = ["openid", "profile", "email", "groups"]
c.GenericOAuthenticator.username_claim = "preferred_username"
c.GenericOAuthenticator.manage_groups = True
c.GenericOAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.GenericOAuthenticator.allowed_groups = set(env["ALLOWED_GROUPS"].split())
c.GenericOAuthenticator.admin_groups = set(env["ADMIN_GROUPS"].split())
c.GenericOAuthenticator.auto_login = True

# --- workspaces ---
c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.KubeSpawner.namespace = namespace
c.KubeSpawner.image = env["WORKSPACE_IMAGE"]
c.KubeSpawner.pod_name_template = c.KubeSpawner.pvc_name_template = "workspace-{user_server}"
c.KubeSpawner.services_enabled = True
c.KubeSpawner.cmd = ["jupyterhub-singleuser"]
# Whoever closes the browser and forgets: kernels first, then the workspace itself.
c.KubeSpawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={int(env['IDLE_SECONDS']) // 2}",
    "--MappingKernelManager.cull_interval=60",
    f"--TerminalManager.cull_inactive_timeout={int(env['IDLE_SECONDS']) // 2}",
    f"--ServerApp.shutdown_no_activity_timeout={env['IDLE_SECONDS']}",
    # Kernels listen on files that only their user can open, not on ports.
    "--KernelManager.transport=ipc",
]
c.KubeSpawner.default_url = "/lab"
c.KubeSpawner.options_form = wishes.form(limits)
c.KubeSpawner.options_from_form = workspaces.options_reader(limits)
c.KubeSpawner.apply_user_options = workspaces.options_applier(limits, gitea)
c.KubeSpawner.poll_interval = 15
c.KubeSpawner.start_timeout = 240
c.KubeSpawner.http_timeout = 120
c.KubeSpawner.delete_pvc = True
c.KubeSpawner.storage_pvc_ensure = True
c.KubeSpawner.storage_class = env["STORAGE_CLASS"]
c.KubeSpawner.storage_capacity = env["WORKSPACE_STORAGE"]
c.KubeSpawner.storage_access_modes = ["ReadWriteOnce"]
c.KubeSpawner.volumes = [
    {"name": "home", "persistentVolumeClaim": {"claimName": "{pvc_name}"}},
    {"name": "tmp", "emptyDir": {}},
    {"name": "trust", "configMap": {"name": "idp-trust"}},
]
c.KubeSpawner.volume_mounts = [
    {"name": "home", "mountPath": workspaces.HOME},
    {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
    {"name": "trust", "mountPath": "/etc/idp/trust", "readOnly": True},
]
c.KubeSpawner.environment = {
    "HOME": workspaces.HOME,
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108
    "MLFLOW_TRACKING_URI": env["TRACKING_URI"],
    "GIT_SSL_CAINFO": "/etc/idp/trust/ca.crt",
    "GIT_AUTHOR_NAME": lambda spawner: spawner.user.name,
    "GIT_COMMITTER_NAME": lambda spawner: spawner.user.name,
    "GIT_AUTHOR_EMAIL": lambda spawner: f"{spawner.user.name}@noreply.{env['DOMAIN']}",
    "GIT_COMMITTER_EMAIL": lambda spawner: f"{spawner.user.name}@noreply.{env['DOMAIN']}",
}
c.KubeSpawner.cpu_guarantee, c.KubeSpawner.cpu_limit = 0.05, float(env["WORKSPACE_CPUS"])
c.KubeSpawner.mem_guarantee, c.KubeSpawner.mem_limit = env["WORKSPACE_REQUEST"], env["WORKSPACE_MEMORY"]
c.KubeSpawner.common_labels = {
    "app.kubernetes.io/name": "workspace",
    "app.kubernetes.io/managed-by": "kubespawner",
    "app.kubernetes.io/part-of": "idp",
    "idp.dev/package": "notebooks",
    "app": "workspace",
    "heritage": "jupyterhub",
}
# The portal shows the pod on the page of the experiment.
c.KubeSpawner.extra_labels = {"backstage.io/kubernetes-id": "{unescaped_servername}"}
c.KubeSpawner.fs_gid = 65532
c.KubeSpawner.pod_security_context = {
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "runAsGroup": 65532,
    "fsGroup": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}
c.KubeSpawner.container_security_context = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
c.KubeSpawner.extra_pod_config = {
    "enableServiceLinks": False,
    "activeDeadlineSeconds": round(limits.default * 3600),
}
