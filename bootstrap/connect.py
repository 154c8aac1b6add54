"""Make a cloud platform that another machine brought up usable on this one."""

from __future__ import annotations

from bootstrap import files, instance, paths
from bootstrap.cloud import records
from bootstrap.errors import IdpError
from bootstrap.instance import Instance
from bootstrap.progress import Reporter
from stacks import workspace
from stacks.engine import engine_for


def connect(name: str, reporter: Reporter) -> Instance:
    """Fetch its record, the way to its cluster and its authority's certificate; no secret is among them.

    Raises IDP-C017 where the account knows no such platform or it has no cluster yet, IDP-C016.
    """
    with instance.lock(name):
        with reporter.step("record"):
            known = records.adopt(name)
            if known is None:
                raise records.unknown(name)
        with reporter.step("access"):
            recorded = workspace.state(name).read()
            kubeconfig = engine_for(known.target).access(name, recorded)
            certificate = recorded.outputs.get("ca")
            if not (kubeconfig and certificate):
                raise _unfinished(known)
            files.private(paths.kubeconfig(name), kubeconfig)
            files.private(paths.ca_certificate(name), certificate)
    return known


def use(name: str, reporter: Reporter) -> Instance | None:
    """The same for a command that works on whatever there is of a platform; None where nobody knows it."""
    known = records.adopt(name)
    if known and not paths.kubeconfig(name).exists():
        try:
            connect(name, reporter)
        except IdpError as error:
            if error.code != "IDP-C017":
                raise
    return known


def _unfinished(known: Instance) -> IdpError:
    if not known.state_bucket:
        why, fix = "it is of this machine alone", f"idp status --name {known.name}"
    else:
        why, fix = "its first run has not come that far", f"idp up --cloud --name {known.name}"
    return IdpError("IDP-C017", f"there is no cluster of `{known.name}` to connect to", why, fix)
