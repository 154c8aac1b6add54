"""The engine of the target `cloud`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
import pulumi

from bootstrap import files, kube, paths
from bootstrap.cloud.kept import Kept
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.finding import Finding, State
from bootstrap.instance import Instance
from bootstrap.model import Plan
from bootstrap.progress import Reporter
from bootstrap.sizing import CloudProfile
from stacks import keeping
from stacks.credentials import Credentials
from stacks.eks.site import UNFIT_ZONES, Site
from stacks.engine import Cluster, Engine, Place, Preparation, Supply
from stacks.images import ECR, Images
from stacks.state import Recorded

if TYPE_CHECKING:
    import pulumi_aws as aws

    from stacks.policies.rules import Settings

CLUSTER_TYPE = "aws:eks/cluster:Cluster"
_POLICIES = Path(__file__).resolve().parents[1] / "policies"


class EksEngine(Engine):
    """One EKS cluster per instance, with everything it needs in a network of its own."""

    def locate(self, plan: Plan) -> Place:
        """The account and region of the AWS configuration. Raises IDP-P020 and IDP-C001 to C007."""
        from bootstrap.cloud import foundation, session
        from bootstrap.cloud.iam import guard
        from bootstrap.cloud.iam.estate import estate

        aws = session.connect()
        account = aws.account()
        name = plan.target.name
        ours = estate(name, account.region, account.id, account.partition)
        return Place(
            account.region,
            account.id,
            Site(name, account.region, account.id).facts,
            account.arn,
            foundation.bucket_name(account),
            guard.find(aws, ours, account.arn),
        )

    def check(self, plan: Plan, place: Place, known: bool) -> tuple[Finding, ...]:
        """The account's credentials, quotas, names and domain, and who will be able to get in."""
        from bootstrap.cloud import foundation, preflight, session

        aws = session.connect(place.region)
        account = aws.account()
        found = preflight.check(
            aws, plan, account, existing=known, now=datetime.now(UTC), unfit_zones=UNFIT_ZONES
        )
        if all(f.state is not State.FAIL for f in found):
            foundation.require(aws, account)  # its key, which nothing above has asked for
        return found

    def provision(self, plan: Plan, supply: Supply, credentials: Credentials) -> Cluster:
        """Declare everything in AWS. What does not depend on each other starts together."""
        import pulumi_aws as aws

        from stacks.eks import (
            access,
            budget,
            cluster,
            database,
            dns,
            gateway,
            gpu,
            keys,
            network,
            registry,
            restore,
            secrets,
            storage,
        )

        profile, site = _profile(plan), site_of(plan, supply)
        provider = aws.Provider(
            "aws",
            region=site.region,
            allowed_account_ids=[site.account],
            default_tags={"tags": dict(site.tags)},
        )
        opts = pulumi.ResourceOptions(provider=provider)
        key = keys.encryption(site, opts)
        net = network.declare(site, profile, opts)
        made = cluster.declare(site, profile, net, key, opts)
        entered = access.people(site, made, supply.guard, opts)
        repositories = registry.declare(plan, site, profile, key, opts)
        keys.signing(site, opts)
        served = Images("images", supply.images, ECR, pulumi.ResourceOptions(depends_on=repositories))
        db = database.declare(site, profile, net, made, key, credentials, opts, supply.kept.database)
        restored = restore.declare(site, net, supply.kept, opts)
        access.buckets(plan, site, made, key, storage.declare(plan, site, key, opts), opts)
        secrets.declare(plan, site, made, key, credentials, opts)
        dns.declare(plan.facts.domain, site, opts)
        budget.declare(site, profile, opts)
        kubeconfig = _kubeconfig(plan.target.name, site, made, entered)
        return Cluster(
            made,
            kubeconfig,
            # Only what can enter the cluster may work in it: known after the access entry is there.
            pulumi.Output.all(made.arn, made.created_at, kubeconfig).apply(lambda v: f"{v[0]} {v[1]}"),
            {"database_host": db.address},
            (*gateway.objects(), *gpu.objects(profile), *restored),
            (served,),
            # Certificates of ACM end at public roots, and pods that trust one authority trust no other.
            certifi.contents(),
        )

    def policies(self, plan: Plan) -> Mapping[Path, Mapping[str, str]]:
        """The security rules, told what the profile asks for."""
        from stacks.policies import rules

        asked = settings_of(_profile(plan))
        told = {rules.PRODUCTION: asked.production, rules.PUBLIC_API: asked.public_api}
        return {_POLICIES: {key: str(value).lower() for key, value in told.items()}}

    def prepare(
        self, plan: Plan, supply: Supply, recorded: Recorded, reporter: Reporter, recreate: bool
    ) -> Preparation:
        """Refuse another account or region than the recorded one: its platform would be orphaned."""
        before = recorded.first(CLUSTER_TYPE)
        if before is None:
            return Preparation.NOTHING
        if recreate:
            return Preparation.RECREATE
        _refuse_another_place(str(before.get("outputs", {}).get("arn", "")), site_of(plan, supply))
        return Preparation.NOTHING

    def reach(self, plan: Plan, place: Place, reporter: Reporter) -> bool:
        """Lead the domain to the load balancer, once AWS has made it."""
        from bootstrap.cloud import address, session
        from stacks.eks import gateway

        with kube.Cluster(paths.kubeconfig(plan.target.name)) as cluster:
            gateway.open_to(cluster, _profile(plan).public_cidrs, reporter)
            found = address.await_gateway(cluster, reporter)
        return address.publish(session.connect(place.region), plan.facts.domain, found, reporter)

    def restorable(self, plan: Plan, supply: Supply, recorded: Recorded) -> Kept:
        """The newest kept set of this name in this account and region, less what the state has already."""
        from bootstrap.cloud import keep, session

        return keeping.restorable(recorded, keep.kept(session.connect(supply.region), plan.target.name))

    def restored(self, name: str, region: str, reporter: Reporter) -> None:
        """Remove the snapshots of kept data."""
        from stacks.eks import teardown

        teardown.after_restore(name, region, reporter)

    def relinquish(self, known: Instance, recorded: Recorded, reporter: Reporter, delete_data: bool) -> None:
        """Names, snapshots, load balancers, volumes, objects, protection. Raises IDP-C050 to C055."""
        from bootstrap.cloud import address, session
        from stacks.eks import teardown

        address.withdraw(session.connect(known.region), known.domain)
        teardown.before(known.name, known.region, recorded, reporter, delete_data=delete_data)

    keeps_data = True

    def leftovers(self, name: str, region: str, recorded: Recorded) -> Sequence[str]:
        """What carries the platform's tag or its cluster's, less what is kept."""
        from bootstrap.cloud import leftovers, session

        staying = {str((r.get("outputs") or {}).get("arn")) for r in recorded.resources}
        found = leftovers.find(session.connect(region), name)
        return [f"{o.type} {o.arn}: {o.why}" for o in found if not o.kept and o.arn not in staying]

    def access(self, name: str, recorded: Recorded) -> str | None:
        """From what AWS said of the cluster; whoever uses it needs an access entry of their own."""
        from stacks.eks import token

        outputs = (recorded.first(CLUSTER_TYPE) or {}).get("outputs", {})
        server, authority = outputs.get("endpoint"), outputs.get("certificateAuthority", {}).get("data")
        if not (server and authority):
            return None
        return token.kubeconfig(name, str(outputs["arn"]).split(":")[3], server, authority)


ENGINE = EksEngine()


def site_of(plan: Plan, supply: Supply) -> Site:
    """Where the platform is to stand. Raises IDP-P020 where region or account are not known."""
    if not (supply.region and supply.account):
        raise IdpError(
            "IDP-P020",
            "it is not known in which AWS account and region the platform is to stand",
            f"region: {supply.region or 'none'}, account: {supply.account or 'none'}",
            "aws configure   # or set AWS_REGION and AWS_PROFILE, then run the command again",
            exit_code=WRONG_USE,
        )
    return Site(
        plan.target.name, supply.region, supply.account, supply.tags, supply.guard.permissions_boundary
    )


def settings_of(profile: CloudProfile) -> Settings:
    """What the rules hold a profile to: protection where it promises it, openness where it asks for it."""
    from stacks.policies.rules import WORLD, Settings

    return Settings(profile.database.deletion_protection, bool(set(profile.public_cidrs) & set(WORLD)))


def _profile(plan: Plan) -> CloudProfile:
    if plan.cloud is None:
        raise ValueError("a plan for the cloud has a profile; planning refuses one without")
    return plan.cloud


def _kubeconfig(
    name: str, site: Site, made: aws.eks.Cluster, entered: pulumi.CustomResource
) -> pulumi.Output[str]:
    """The access as text; also put where the first apply and every later command read it."""
    from stacks.eks import token

    def write(values: list[str]) -> str:
        server, authority, _ = values
        text = token.kubeconfig(name, site.region, server, authority)
        # In a preview of a platform that does not exist yet this never runs: nothing of it is known.
        files.private(paths.kubeconfig(name), text)
        return text

    parts = (made.endpoint, made.certificate_authority.data, entered.id)
    return pulumi.Output.all(*parts).apply(write)


def _refuse_another_place(arn: str, site: Site) -> None:
    """Raises IDP-P021 where the recorded cluster's ARN names another region or account."""
    recorded = arn.split(":")[3:5]
    if len(recorded) == 2 and recorded != [site.region, site.account]:
        raise IdpError(
            "IDP-P021",
            f"the platform `{site.name}` stands in another AWS account or region",
            f"recorded: account {recorded[1]}, {recorded[0]}; now: account {site.account}, {site.region}",
            f"use credentials of account {recorded[1]} and AWS_REGION={recorded[0]}, or another --name",
            exit_code=WRONG_USE,
        )
