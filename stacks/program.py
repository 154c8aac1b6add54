"""The Pulumi program that all targets share: a cluster from the engine, and what a platform owns in it.

Pulumi's part ends where Argo CD's begins: the cluster, namespaces, generated secrets, trust, and the
first apply of what Argo CD needs to run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi import Output, Resource, ResourceOptions

from bootstrap import paths
from bootstrap.model import Plan
from stacks import first_apply, objects
from stacks.credentials import Credentials
from stacks.engine import Cluster, Engine, Supply
from stacks.first_apply import FirstApply
from stacks.objects import Ref, Secret

#: Rendered manifests below an instance's folder, where the first apply reads them.
MANIFESTS = "first-apply"
#: The file with all custom resource definitions; its name can be no package's.
DEFINITIONS = "_definitions.yaml"


def declare(plan: Plan, supply: Supply, engine: Engine) -> None:
    """Declare everything. What does not depend on each other starts together."""
    wanted = objects.wanted(plan)
    credentials = Credentials("credentials", plan.target.name, plan.facts.domain, wanted, supply.given)
    cluster = engine.provision(plan, supply, credentials)
    inside = Inside(plan, cluster, _provider(cluster))

    namespaces = {name: inside.namespace(name) for name in objects.namespaces(plan)}
    secrets = [
        inside.secret(secret, credentials, namespaces.get(secret.namespace))
        for secret in objects.secrets(plan)
    ]
    offered = [inside.object(manifest) for manifest in cluster.objects]
    trust = [inside.trust(name, credentials, owner) for name, owner in namespaces.items()]
    _first_apply(plan, supply, inside, [*namespaces.values(), *secrets, *trust, *offered, *cluster.serving])

    pulumi.export("ca", Output.concat(Output.unsecret(credentials.ca_certificate), cluster.roots))
    pulumi.export("facts", dict(cluster.facts))


@dataclass(frozen=True)
class Inside:
    """Declares objects inside the cluster. Where they vanish with it they are never deleted one by one."""

    plan: Plan
    cluster: Cluster
    provider: Resource

    @property
    def facts(self) -> dict[str, pulumi.Input[Any]]:
        """All facts by the ids under which they stand in Secrets; what was provisioned knows best."""
        known = {**asdict(self.plan.facts), **self.cluster.facts}
        return {objects.fact(name): value for name, value in known.items()}

    def namespace(self, name: str) -> Resource:
        from pulumi_kubernetes.core.v1 import Namespace

        return Namespace(
            f"namespace/{name}",
            metadata={"name": name, "labels": objects.common_labels(self.plan)},
            opts=self.options(),
        )

    def object(self, manifest: Mapping[str, Any]) -> Resource:
        """What the target wants in its cluster: its classes, its pools of nodes."""
        # The SDK's own class for any kind knows `spec` alone, and a StorageClass has none.
        metadata = {**manifest["metadata"], "labels": objects.common_labels(self.plan)}
        kind = manifest["kind"]
        return pulumi.CustomResource(
            f"kubernetes:{manifest['apiVersion']}:{kind}",
            f"{kind.lower()}/{metadata['name']}",
            {**manifest, "metadata": metadata},
            # A volume is Kubernetes's once it is there: it goes with its claim, not with this program.
            ResourceOptions.merge(
                self.options(), ResourceOptions(retain_on_delete=kind == "PersistentVolume")
            ),
        )

    def secret(self, secret: Secret, credentials: Credentials, namespace: Resource | None) -> Resource:
        from pulumi_kubernetes.core.v1 import Secret as KubernetesSecret

        return KubernetesSecret(
            f"secret/{secret.namespace}/{secret.name}",
            metadata={
                "name": secret.name,
                "namespace": secret.namespace,
                "labels": dict(secret.labels),
                # An empty mapping is none to the cluster, and would differ in every run.
                **({"annotations": dict(secret.annotations)} if secret.annotations else {}),
            },
            type=secret.type,
            data=_encoded(secret.data, credentials, self.facts),
            opts=self.options(namespace),
        )

    def trust(self, namespace: str, credentials: Credentials, owner: Resource) -> Resource:
        from pulumi_kubernetes.core.v1 import ConfigMap

        return ConfigMap(
            f"trust/{namespace}",
            metadata={
                "name": objects.TRUST,
                "namespace": namespace,
                "labels": objects.common_labels(self.plan),
            },
            data={"ca.crt": Output.concat(Output.unsecret(credentials.ca_certificate), self.cluster.roots)},
            opts=self.options(owner),
        )

    def options(self, *depends_on: Resource | None) -> ResourceOptions:
        return ResourceOptions(
            provider=self.provider,  # type: ignore[arg-type]  # a provider is a resource
            deleted_with=self.cluster.owner,
            depends_on=[resource for resource in depends_on if resource],
        )


def _provider(cluster: Cluster) -> Resource:
    """Access to the cluster, tied to its identity: other changes of the kubeconfig replace nothing."""
    from pulumi_kubernetes import Provider

    return Provider(
        "kubernetes",
        kubeconfig=cluster.kubeconfig,
        cluster_identifier=cluster.identity,
        # Values may change in place (a renewed certificate); replacing would delete first.
        enable_secret_mutable=True,
        enable_config_map_mutable=True,
        opts=ResourceOptions(deleted_with=cluster.owner),
    )


def _encoded(
    data: Mapping[str, str | Ref], credentials: Credentials, facts: Mapping[str, pulumi.Input[Any]]
) -> Output[dict[str, str]]:
    """A Secret's data in base64, references filled in; secret as a whole."""
    named = {v.id: facts[v.id] for v in data.values() if isinstance(v, Ref) and v.id in facts}

    def fill(known: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        values = {**known[0], **known[1]}
        return {key: _base64(str(values[v.id]) if isinstance(v, Ref) else v) for key, v in data.items()}

    return Output.secret(Output.all(credentials.values, named).apply(fill))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _first_apply(plan: Plan, supply: Supply, inside: Inside, before: list[Resource]) -> None:
    """Definitions of all packages start with the cluster; their objects follow once secrets are there."""
    folder = paths.instance(plan.target.name) / MANIFESTS
    kubeconfig = paths.kubeconfig(plan.target.name)

    def step(name: str, file: Path, namespace: str, depends_on: list[Resource]) -> list[Resource]:
        if not file.stat().st_size:
            return []
        options = ResourceOptions(deleted_with=inside.cluster.owner, depends_on=depends_on)
        return [FirstApply(name, file, namespace, kubeconfig, inside.cluster.identity, options)]

    definitions = step("definitions", folder / DEFINITIONS, "default", [])
    for name in supply.manifests:
        namespace = plan.package(name).namespace
        step(f"first-apply/{name}", folder / f"{name}.yaml", namespace, [*before, *definitions])


def write_manifests(plan: Plan, supply: Supply) -> None:
    """Put the manifests where the first apply reads them: definitions together, the rest by package."""
    folder = paths.instance(plan.target.name) / MANIFESTS
    mark, wanted = folder / "sha256", _digest(supply)
    # Splitting a megabyte of definitions takes a second, which most runs can do without.
    if mark.exists() and mark.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    all_definitions = []
    for name, manifests in supply.manifests.items():
        definitions, rest = first_apply.split(manifests, plan.package(name).namespace)
        all_definitions.append(definitions)
        (folder / f"{name}.yaml").write_text(rest)
    (folder / DEFINITIONS).write_text("---\n".join(text for text in all_definitions if text))
    mark.write_text(wanted)


def _digest(supply: Supply) -> str:
    content = json.dumps({name: dict(files) for name, files in supply.manifests.items()}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
