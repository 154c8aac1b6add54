"""The kind cluster as a resource: created, noticed when gone, and deleted by Pulumi."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

from bootstrap import shell
from bootstrap.errors import IdpError
from stacks.dynamic import Provider, changed, reporting
from stacks.kind import config, container, dns, host, store
from stacks.underway import working

#: The resource's type as it stands in the state.
TYPE = "pulumi-python:dynamic/idp:KindCluster"

#: The file that tells `sweep` which image can remove root's files.
_IMAGE = "node-image"

#: How engines say that a port cannot be had.
_TAKEN = re.compile(r":(\d+)\S*(?: failed)?: (?:port is already allocated|bind: address already in use)")

#: Our own network, so that other kind clusters on this machine are neither needed nor touched.
NETWORK = "idp"

#: Inputs that a running node cannot take on; everything else is applied in place or kept as it is.
FIXED = ("name", "https_port", "api_port", "listen_address", "domain")


class KindClusterProvider(Provider):
    """Drives `kind`. Every operation can be repeated after it was killed at any point."""

    @reporting
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Replace only for what a node fixes at birth; a newer node image alone is no reason."""
        replaces = changed(olds, news, *FIXED)
        return dynamic.DiffResult(bool(replaces), replaces, delete_before_replace=True)

    @reporting
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Create the cluster, after removing what an interrupted attempt may have left of it."""
        with working(Path(props["folder"])):
            return self._create(props)

    def _create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        name, folder = props["name"], Path(props["folder"])
        _refuse_another(name, folder)
        _remove(name, folder)
        quirks = host.quirks(host.detect())
        files_of(folder).mkdir(parents=True, exist_ok=True)
        for file, text in {**config.files(quirks), _IMAGE: props["node_image"]}.items():
            (files_of(folder) / file).write_text(text)
        if props["image_store"]:
            store.clone(Path(props["image_store"]), store_of(folder), props["node_image"])
        try:
            definition = config.cluster(_settings(props), quirks)
            # Without --retain a dying attempt could delete the cluster that its successor just made.
            _kind("create", "cluster", "--config", "-", "--retain", *_target(props), stdin=definition)
            dns.teach(Path(props["kubeconfig_file"]), props["domain"])
        except IdpError as error:
            raise trouble(name, error) from error
        node = container.inspect(node_name(name)) or {}
        kubeconfig = Path(props["kubeconfig_file"]).read_text()
        return dynamic.CreateResult(name, {**props, "identity": node.get("Id", ""), "kubeconfig": kubeconfig})

    @reporting
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """The recorded state, or nothing when the node is gone or is another one."""
        node = container.living(node_name(props["name"]))
        if node is None or node["Id"] != props.get("identity"):
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, props)

    @reporting
    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Remove the cluster and everything on this machine that belonged to it."""
        with working(Path(props["folder"])):
            sweep(props["name"], Path(props["folder"]))


class KindCluster(dynamic.Resource, module="idp", name="KindCluster"):
    """One kind node. `kubeconfig` is its admin access, `identity` changes with every new node."""

    identity: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None):
        secret = pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"])
        super().__init__(
            KindClusterProvider(),
            name,
            {**props, "identity": None, "kubeconfig": None},
            pulumi.ResourceOptions.merge(secret, opts),
        )


def files_of(folder: Path) -> Path:
    """The instance's folder that its node mounts."""
    return folder / "node"


def store_of(folder: Path) -> Path:
    """The cloned containerd store of the instance's node."""
    return folder / "node-store"


def node_name(cluster: str) -> str:
    """kind's name for the container of a cluster's only node."""
    return f"{cluster}-control-plane"


def export_kubeconfig(cluster: str, kubeconfig: Path) -> None:
    """Write the admin access of an existing cluster again, where the file was lost."""
    _kind("export", "kubeconfig", "--name", cluster, "--kubeconfig", str(kubeconfig))


def is_ours(node: Mapping[str, Any], files: Path) -> bool:
    """Did this instance make the node? It mounts the instance's folder, which no other cluster does."""
    return any(mount.get("Source") == str(files) for mount in node.get("Mounts", ()))


def sweep(name: str, folder: Path) -> None:
    """Remove the instance's cluster without a state to go by; another's cluster is left alone."""
    _remove(name, folder)
    container.remove_network(NETWORK)


def _remove(name: str, folder: Path) -> None:
    """Remove our node, its store, its files and the access to it, as far as they exist."""
    node = container.inspect(node_name(name))
    if node is not None and is_ours(node, files_of(folder)):
        container.remove(node_name(name))
    recorded = files_of(folder) / _IMAGE
    store.remove(store_of(folder), recorded.read_text() if recorded.exists() else "")
    shutil.rmtree(files_of(folder), ignore_errors=True)
    (folder / "kubeconfig").unlink(missing_ok=True)


def _refuse_another(name: str, folder: Path) -> None:
    """Raises IDP-P006 where the name is taken by a cluster that this instance did not make."""
    node = container.inspect(node_name(name))
    if node is not None and not is_ours(node, files_of(folder)):
        raise IdpError(
            "IDP-P006",
            f"a kind cluster named `{name}` exists, and idp did not make it",
            f"the container `{node_name(name)}` does not belong to this instance",
            f"kind delete cluster --name {name}   # or choose another name: idp up --local --name OTHER",
        )


def _settings(props: Mapping[str, Any]) -> config.NodeSettings:
    folder = Path(props["folder"])
    return config.NodeSettings(
        name=props["name"],
        node_image=props["node_image"],
        https_port=int(props["https_port"]),
        api_port=int(props["api_port"]),
        files=str(files_of(folder)),
        store=str(store_of(folder)) if props["image_store"] else "",
        listen_address=props["listen_address"],
    )


def _target(props: Mapping[str, Any]) -> list[str]:
    return ["--name", props["name"], "--kubeconfig", props["kubeconfig_file"]]


def _kind(*arguments: str, stdin: str | None = None) -> None:
    env = {"KIND_EXPERIMENTAL_DOCKER_NETWORK": NETWORK}
    shell.run(["kind", *arguments], stdin=stdin, env=env, timeout=600)


def trouble(name: str, error: IdpError) -> IdpError:
    """What went wrong while the cluster was created, in words that lead out of it."""
    said = "\n".join(part for part in (error.what, error.why) if part)
    if taken := _TAKEN.search(said):
        return IdpError(
            "IDP-P010",
            f"port {taken[1]} on this machine is taken",
            "another program, or another platform that runs, listens there",
            f"end that program, or choose another port: idp up --local --name {name} --port PORT",
        )
    return IdpError(
        "IDP-P007",
        f"the kind cluster `{name}` could not be created",
        said,
        f"docker logs {node_name(name)}   # then `idp up` again; it starts the cluster afresh",
    )
