"""PostgreSQL by RDS: reached from the cluster alone."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bootstrap.sizing import CloudProfile
from stacks.credentials import Credentials
from stacks.eks.network import Network
from stacks.eks.site import Site

#: Major version, that of the package `postgres`; minor ones follow by themselves.
VERSION = "17"
PORT = 5432
#: The account that the Secret `database-admin` of the package `postgres` names.
ADMIN, ADMIN_PASSWORD = "idp_admin", "postgres/database-admin/password"


def declare(
    site: Site,
    profile: CloudProfile,
    network: Network,
    cluster: aws.eks.Cluster,
    key: aws.kms.Key,
    credentials: Credentials,
    opts: pulumi.ResourceOptions,
    snapshot: str = "",
) -> aws.rds.Instance:
    """The instance in the private subnets, with the data of `snapshot` where one is named."""
    size = profile.database
    named = site.tagged(site.name)
    subnets = aws.rds.SubnetGroup(
        "database/subnets", name=site.name, subnet_ids=network.private_ids, tags=named, opts=opts
    )
    group = aws.ec2.SecurityGroup(
        "database/group",
        description="PostgreSQL from the cluster",
        vpc_id=network.vpc.id,
        tags=site.tagged(f"{site.name}-database"),
        opts=opts,
    )
    aws.vpc.SecurityGroupIngressRule(
        "database/from-cluster",
        security_group_id=group.id,
        referenced_security_group_id=cluster.vpc_config.cluster_security_group_id,
        ip_protocol="tcp",
        from_port=PORT,
        to_port=PORT,
        tags=site.tagged(f"{site.name}-database"),
        opts=opts,
    )
    return aws.rds.Instance(
        "database",
        identifier=site.name,
        engine="postgres",
        engine_version=VERSION,
        instance_class=size.instance_class,
        allocated_storage=size.storage_gib,
        max_allocated_storage=size.storage_gib * 4,
        storage_type="gp3",
        storage_encrypted=True,
        kms_key_id=key.arn,
        multi_az=size.multi_az,
        backup_retention_period=size.backup_days,
        copy_tags_to_snapshot=True,
        deletion_protection=size.deletion_protection,
        # `down` makes a snapshot of its own; a final one would have the same name each time, and fail.
        skip_final_snapshot=True,
        snapshot_identifier=snapshot or None,
        username=ADMIN,
        # Ours, not RDS's own: that changes every week, and the pod that makes accounts would not know.
        password=credentials.secret(ADMIN_PASSWORD),
        publicly_accessible=False,
        auto_minor_version_upgrade=True,
        db_subnet_group_name=subnets.name,
        vpc_security_group_ids=[group.id],
        enabled_cloudwatch_logs_exports=["postgresql"],
        tags=named,
        # Where the data once came from matters to the first run alone.
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(ignore_changes=["snapshotIdentifier"])
        ),
    )
