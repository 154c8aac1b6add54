"""The first apply of what Argo CD needs to run: Argo CD itself, Gitea, and what they stand on.

It happens once per cluster. Argo CD adopts the objects, because they were applied under its own field
manager, and every later change is Argo CD's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi import dynamic

from bootstrap import kube
from bootstrap.model import Manifests
from stacks.dynamic import Provider, reporting

FIELD_MANAGER = "argocd-controller"
CRD = "apiextensions.k8s.io/v1/CustomResourceDefinition"

_ESTABLISHED_WITHIN = 60.0
_IN_PARALLEL = 8

#: Kinds outside namespaces among what packages bring; everything else gets its package's namespace.
_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "GatewayClass",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    }
)

#: What runs pods comes last, so that nothing waits for an account or a volume that comes later.
_WORKLOADS = frozenset({"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"})

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def objects(text: str, namespace: str) -> list[kube.Object]:
    """The Kubernetes objects in the text, each in its own namespace or else in `namespace`."""
    found = [document for document in yaml.load_all(text, Loader=_LOADER) if document]
    for document in found:
        if document["kind"] not in _CLUSTER_SCOPED:
            document["metadata"].setdefault("namespace", namespace)
    return found


def waves(found: Iterable[kube.Object]) -> list[list[kube.Object]]:
    """Groups to apply one after the other: definitions, what workloads refer to, workloads."""
    ordered: list[list[kube.Object]] = [[], [], []]
    for document in found:
        kind = document["kind"]
        ordered[0 if kind == "CustomResourceDefinition" else 2 if kind in _WORKLOADS else 1].append(document)
    return [wave for wave in ordered if wave]


def split(manifests: Manifests, namespace: str) -> tuple[str, str]:
    """Custom resource definitions and the rest of a package, each as YAML text."""
    found = [o for text in manifests.values() for o in objects(text, namespace)]
    definitions = [o for o in found if o["kind"] == "CustomResourceDefinition"]
    rest = [o for o in found if o["kind"] != "CustomResourceDefinition"]
    return _text(definitions), _text(rest)


def apply(kubeconfig: Path, text: str, namespace: str) -> None:
    """Server-side apply as Argo CD would, and wait until the definitions among it can be used."""
    with kube.Cluster(kubeconfig) as cluster, ThreadPoolExecutor(_IN_PARALLEL) as pool:
        for wave in waves(objects(text, namespace)):
            applied = [pool.submit(cluster.apply, [o], field_manager=FIELD_MANAGER, force=True) for o in wave]
            for future in applied:
                future.result()
            names = {o["metadata"]["name"] for o in wave if o["kind"] == "CustomResourceDefinition"}
            if names:
                _await_established(cluster, names)


def _await_established(cluster: kube.Cluster, names: set[str]) -> None:
    def missing(found: Sequence[kube.Object]) -> list[str]:
        return sorted(names - {o["metadata"]["name"] for o in found if _is_established(o)})

    cluster.wait_for(CRD, missing, lambda _: None, _ESTABLISHED_WITHIN)


def _is_established(definition: kube.Object) -> bool:
    conditions = (definition.get("status") or {}).get("conditions") or []
    return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)


class FirstApplyProvider(Provider):
    """Applies a file of manifests when it is created, and never again for the same cluster."""

    @reporting
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Nothing but a new cluster matters: what changed in the manifests is Argo CD's to roll out."""
        replaced = olds.get("identity") != news.get("identity")
        return dynamic.DiffResult(replaced, ["identity"] if replaced else [], delete_before_replace=True)

    @reporting
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        apply(Path(props["kubeconfig_file"]), Path(props["file"]).read_text(), props["namespace"])
        return dynamic.CreateResult(f"{Path(props['file']).stem}@{props['identity'][:12]}", props)

    @reporting
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Gone when the cluster is; refresh then forgets it, as it does the objects themselves."""
        if not Path(props["kubeconfig_file"]).exists():
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, props)


class FirstApply(dynamic.Resource, module="idp", name="FirstApply"):
    """One package's manifests. The state holds the file's name and hash, not its content."""

    def __init__(
        self,
        name: str,
        file: Path,
        namespace: str,
        kubeconfig_file: Path,
        identity: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ):
        props = {
            "file": str(file),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "namespace": namespace,
            "kubeconfig_file": str(kubeconfig_file),
            "identity": identity,
        }
        super().__init__(FirstApplyProvider(), name, props, opts)


def _text(found: list[kube.Object]) -> str:
    return yaml.dump_all(found, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
