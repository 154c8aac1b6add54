"""Stage: which images a cluster lets run, where it lets only signed ones run.

The list of the package `admission` is a ConfigMap by digest. What is in the newest bundle stands in Git; what
was admitted by an earlier bundle or came with a promotion stays admitted, so that a service keeps the runtime
that it was made with. Each of these owns its own entries: they are applied under a field manager of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from bootstrap import access
from bootstrap.bundle import delivery, keys, trust
from bootstrap.bundle.lock import Lock
from bootstrap.errors import IdpError
from bootstrap.kube import Cluster, Object
from bootstrap.model import Plan
from bootstrap.progress import Reporter

_PACKAGE, _LIST = "admission", "idp-images"
SIGNED = "signed"


def admit_bundle(plan: Plan, lock: Lock, reporter: Reporter) -> None:
    """Sign the bundle's images in the target's registry, check them, and let them run from now on."""
    if plan.facts.admission == SIGNED:
        with access.cluster(plan) as cluster:
            references = lock.references(plan.facts.registry)
            admit(plan, cluster, references, f"idp-bundle-{lock.id[:12]}", reporter)


def admit(
    plan: Plan, cluster: Cluster, references: Mapping[str, str], owner: str, reporter: Reporter
) -> None:
    """The same for images by name -> reference by digest; `owner` keeps their entries apart from others.

    Raises IDP-S003 where one does not verify, and what `delivery.deliver` raises.
    """
    key = plan.facts.signer
    delivery.deliver_images(references, key, reporter)
    if faults := trust.refused(delivery.verify_images(references, key, reporter)):
        raise IdpError(
            "IDP-S003",
            f"{len(faults)} images in {plan.facts.registry} do not verify",
            "this platform lets only signed images run",
            f"idp bundle push --to {plan.facts.registry}{keys.option(key)}",
            faults,
        )
    cluster.apply([admitted(plan, references)], field_manager=owner)


def admitted(plan: Plan, references: Mapping[str, str]) -> Object:
    """The entries of the list for these images."""
    digests = {reference.rpartition("@sha256:")[2]: name for name, reference in references.items()}
    metadata = {"name": _LIST, "namespace": plan.package(_PACKAGE).namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": digests}
