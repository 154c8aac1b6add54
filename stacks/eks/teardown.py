"""Before the stack is destroyed and after one was restored: what Pulumi does not know of."""

from __future__ import annotations

from pathlib import Path

from bootstrap import kube, paths
from bootstrap.cloud import buckets, keep, protection, release, session
from bootstrap.errors import IdpError
from bootstrap.progress import Reporter
from stacks import keeping
from stacks.state import Recorded


def before(name: str, region: str, recorded: Recorded, reporter: Reporter, *, delete_data: bool) -> None:
    """Keep the data or delete it, empty the cluster, and open the way for the destroy; repeatable.

    Data is kept first, while every volume still has its claim. Only a run that gets past that removes any.
    """
    aws, kubeconfig = session.connect(region), paths.kubeconfig(name)
    if delete_data:
        protection.refuse(aws, name)
        release.release_by(kubeconfig, reporter)
        keep.remove_unclaimed(aws, name)
        buckets.empty(aws, keeping.buckets(recorded), reporter)
        keep.discard(aws, name, reporter)
        return
    claims = _claims(kubeconfig, reporter)
    keep.keep(aws, name, claims or (), reporter)
    # A cluster that answers again by now would lose volumes of which there is no snapshot.
    if claims is not None:
        release.release_by(kubeconfig, reporter)
        keep.remove_unclaimed(aws, name)
    protection.lift(aws, name, reporter)


def after_restore(name: str, region: str, reporter: Reporter) -> int:
    """Remove the snapshots from which a platform was restored that works now; returns how many."""
    return keep.discard(session.connect(region), name, reporter)


def _claims(kubeconfig: Path, reporter: Reporter) -> tuple[keep.Claim, ...] | None:
    """The claims with volumes; None where the cluster does not say: its volumes stay where they are."""
    try:
        with kube.Cluster(kubeconfig) as cluster:
            return keep.claims(cluster)
    except IdpError as error:
        if error.code != "IDP-K001":
            raise
        with reporter.step("look for claims") as step:
            step.note(
                f"{error.what} ({error.why}): its volumes and load balancers stay; the leak check shows them"
            )
        return None
