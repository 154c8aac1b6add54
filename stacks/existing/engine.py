"""The engine of the target `existing`."""

from __future__ import annotations

import pulumi

from bootstrap import contexts, files, kube, paths
from bootstrap.cloud import address
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.finding import Finding, State
from bootstrap.instance import Instance
from bootstrap.model import Plan
from bootstrap.progress import Reporter
from stacks import objects
from stacks.credentials import Credentials
from stacks.engine import CLUSTER, Cluster, Engine, Place, Preparation, Supply
from stacks.existing import cluster, probe, removal
from stacks.images import Images, login_for
from stacks.state import Recorded


class ExistingEngine(Engine):
    """Any cluster; what it offers is asked of it, and the rest of the user."""

    def locate(self, plan: Plan) -> Place:
        """The cluster behind the context, and the facts that it tells itself; the user's own word wins."""
        _keep_access(plan)
        with _api(plan) as api:
            told = probe.facts(probe.look(api))
        return Place(facts={**told, **plan.target.facts})

    def check(self, plan: Plan, place: Place, known: bool) -> tuple[Finding, ...]:
        """Version, rights, storage, and what others own there."""
        with _api(plan) as api:
            return probe.judge(probe.look(api), plan)

    def provision(self, plan: Plan, supply: Supply, credentials: Credentials) -> Cluster:
        """The cluster as it is, with the images in its registry."""
        found = cluster.ExistingCluster(CLUSTER, paths.kubeconfig(plan.target.name))
        served = Images("images", supply.images, login_for(plan.facts.registry))
        return Cluster(
            found,
            pulumi.Output.secret(found.kubeconfig),
            found.identity,
            serving=(served,),
            vanishes=False,
        )

    def prepare(
        self, plan: Plan, supply: Supply, recorded: Recorded, reporter: Reporter, recreate: bool
    ) -> Preparation:
        """Refuse another cluster than the recorded one, missing keys, and definitions that others own."""
        with _api(plan) as api:
            seen = probe.look(api)
        before = recorded.first(cluster.TYPE)
        if before is None:
            faults = [f.what for f in probe.foreign(seen, supply.definitions) if f.state is State.FAIL]
            if faults := faults + _missing_keys(plan, supply):
                raise _refused(plan, faults)
        elif before.get("outputs", {}).get("identity") != seen.identity:
            raise _another(plan)
        return Preparation.NOTHING

    def relinquish(self, known: Instance, recorded: Recorded, reporter: Reporter, delete_data: bool) -> None:
        """Users' services, and what lies outside namespaces. Raises IDP-E009 where the cluster is silent."""
        try:
            with kube.Cluster(paths.kubeconfig(known.name)) as api:
                removal.empty(api, reporter)
        except IdpError as error:
            if error.code != "IDP-K001":
                raise
            raise _silent(known, error.why) from error

    def reach(self, plan: Plan, place: Place, reporter: Reporter) -> bool:
        """Say where the domain has to lead; whose DNS it is, only its owner knows."""
        with _api(plan) as api:
            addresses = address.addresses(api.list(address.KIND, address.NAMESPACE))
        if addresses:
            with reporter.step("names") as step:
                step.note(f"*.{plan.facts.domain} must lead to {', '.join(addresses)}")
        return False


ENGINE = ExistingEngine()


def _keep_access(plan: Plan) -> None:
    """Keep the context in the instance's folder: from then on it works wherever the user's kubeconfig is."""
    kept = paths.kubeconfig(plan.target.name)
    if plan.target.context and (not kept.is_file() or plan.target.context in contexts.names()):
        files.private(kept, contexts.extract(plan.target.context))


def _api(plan: Plan) -> kube.Cluster:
    return kube.Cluster(paths.kubeconfig(plan.target.name))


def _missing_keys(plan: Plan, supply: Supply) -> list[str]:
    wanted = list(objects.asked(plan))
    if plan.facts.database == "managed":
        wanted.append("postgres/database-admin/password")
    return [f"credential `{id_}`: nobody but you has it" for id_ in wanted if id_ not in supply.given]


def _refused(plan: Plan, faults: list[str]) -> IdpError:
    return IdpError(
        "IDP-E002",
        f"the platform `{plan.target.name}` cannot run in the cluster as planned",
        "credentials stand under `credentials` in the file that --facts reads",
        f"idp up --name {plan.target.name} --context {plan.target.context} --facts FILE",
        faults=faults,
        exit_code=WRONG_USE,
    )


def _silent(known: Instance, why: str) -> IdpError:
    return IdpError(
        "IDP-E009",
        f"the cluster of `{known.name}` does not answer, so that nothing can be removed from it",
        why,
        f"idp down --name {known.name} --yes   # once it answers\n"
        f"idp down --name {known.name} --forget --yes   # it is gone for good: forget what was in it",
    )


def _another(plan: Plan) -> IdpError:
    name, context = plan.target.name, plan.target.context
    return IdpError(
        "IDP-E008",
        f"the context `{context}` names another cluster than the one in which `{name}` runs",
        "its identity differs from the recorded one: it was made anew, or the context was changed",
        f"idp down --name {name} --yes   # then `idp up` again, or name the context of the old cluster",
        exit_code=WRONG_USE,
    )
