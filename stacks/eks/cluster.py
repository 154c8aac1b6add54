"""The control plane with Auto Mode: nodes, load balancers and volumes are AWS's to run."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bootstrap.sizing import CloudProfile
from stacks.eks import iam
from stacks.eks.network import Network
from stacks.eks.site import Site
from stacks.engine import CLUSTER

#: Kubernetes version; EKS supports a minor one for 14 months, then charges six times as much.
VERSION = "1.34"

#: What the control plane writes down; `audit` and `authenticator` say who did what.
LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")

#: What Auto Mode asks of the cluster's role and of the nodes' (EKS user guide, Auto Mode roles).
CLUSTER_POLICIES = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")


def declare(
    site: Site, profile: CloudProfile, network: Network, key: aws.kms.Key, opts: pulumi.ResourceOptions
) -> aws.eks.Cluster:
    """The cluster, ready for nodes: its role can do its work and its log group exists before it."""
    role, grants = iam.role(site, opts, "cluster", "eks.amazonaws.com", managed=CLUSTER_POLICIES)
    nodes, node_grants = iam.role(site, opts, "node", f"ec2.{site.suffix}", managed=NODE_POLICIES)
    uses_key = iam.Allow(("kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"), [key.arn])
    grants.append(
        aws.iam.RolePolicy(
            "policy/cluster",
            name="key",
            role=role.name,
            policy=pulumi.Output.json_dumps(iam.policy_of([uses_key])),
            opts=opts,
        )
    )
    # EKS would make the group itself, and keep logs for ever.
    logs = aws.cloudwatch.LogGroup(
        "cluster/logs",
        name=f"/aws/eks/{site.name}/cluster",
        retention_in_days=profile.log_days,
        tags=site.tagged(site.name),
        opts=opts,
    )
    before = [*grants, *node_grants, logs, *network.ways_out]
    return aws.eks.Cluster(
        CLUSTER,
        name=site.name,
        version=VERSION,
        role_arn=role.arn,
        bootstrap_self_managed_addons=False,
        access_config={
            "authentication_mode": "API",
            "bootstrap_cluster_creator_admin_permissions": False,
        },
        compute_config={"enabled": True, "node_pools": ["system"], "node_role_arn": nodes.arn},
        kubernetes_network_config={"elastic_load_balancing": {"enabled": True}, "ip_family": "ipv4"},
        storage_config={"block_storage": {"enabled": True}},
        encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
        enabled_cluster_log_types=list(LOGS),
        upgrade_policy={"support_type": "STANDARD"},
        deletion_protection=profile.database.deletion_protection,
        vpc_config=aws.eks.ClusterVpcConfigArgs(
            subnet_ids=network.private_ids,
            endpoint_private_access=True,
            endpoint_public_access=bool(profile.public_cidrs),
            public_access_cidrs=list(profile.public_cidrs) or None,
        ),
        tags=site.tagged(site.name),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=before)),
    )
