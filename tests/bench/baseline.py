"""What every local platform starts from: `kind create cluster` with nothing but Kubernetes in the node."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap import shell
from bootstrap.bundle import containerd, places
from bootstrap.bundle.lock import Lock
from bootstrap.bundle.recipes import Role
from stacks.kind import config, host

IMAGE = "idp.local/bench-plain-node:latest"
NAME = "bench-bare"
#: A network of its own, so that nothing is left of it and no other kind cluster is touched.
NETWORK = {"KIND_EXPERIMENTAL_DOCKER_NETWORK": NAME}


@contextmanager
def plain_node(lock: Lock) -> Iterator[str]:
    """A node image as upstream ships it: Kubernetes' own images inside, no platform images."""
    if lock.store_node:
        yield lock.node
        return
    container = "bench-plain-node"
    containerd.remove(container)
    own = {lock.reference(image): image.digest for image in lock.images if image.role is Role.CLUSTER}
    docker("run", "--detach", "--privileged", "--name", container, "--entrypoint", "sleep", lock.node, "3600")
    try:
        docker("exec", "--detach", container, "containerd")
        deadline = time.monotonic() + 30
        while shell.run(["docker", "exec", container, "ctr", "version"], check=False).code:
            assert time.monotonic() < deadline, "containerd did not start in the node image"
            time.sleep(0.2)
        containerd.send(container, own, places.layout())
        docker("exec", container, "sh", "-c", "kill $(pidof containerd); sleep 1")
        docker(
            "commit", "--change", 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]', container, IMAGE
        )
        yield IMAGE
    finally:
        containerd.remove(container)
        shell.run(["docker", "rmi", "--force", IMAGE], check=False)


def bare_cluster(image: str, folder: Path) -> float:
    """Seconds from the command until Kubernetes' own pods are ready."""
    quirks = host.quirks(host.detect())
    for name, text in config.files(quirks).items():
        (folder / name).write_text(text)
    settings = config.NodeSettings(NAME, image, https_port=28443, api_port=26443, files=str(folder))
    kubeconfig = folder / "kubeconfig"
    began = time.monotonic()
    try:
        shell.run(
            ["kind", "create", "cluster", "--config", "-", "--kubeconfig", kubeconfig],
            stdin=config.cluster(settings, quirks),
            env=NETWORK,
        )
        wait = ["rollout", "status", "deployment/coredns", "--namespace", "kube-system", "--timeout", "120s"]
        shell.run(["kubectl", "--kubeconfig", kubeconfig, *wait])
        return time.monotonic() - began
    finally:
        shell.run(["kind", "delete", "cluster", "--name", NAME, "--kubeconfig", kubeconfig], check=False)
        shell.run(["docker", "network", "rm", NAME], check=False)


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout
