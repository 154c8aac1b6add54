"""The network: public subnets for load balancers, private ones for nodes and the database."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

import pulumi
import pulumi_aws as aws

from bootstrap.sizing import CloudProfile
from stacks.eks.site import UNFIT_ZONES, Site

#: A network of its own meets no other unless peered. Nodes get 4,091 addresses per zone, the rest few.
CIDR = "10.64.0.0/16"
_PRIVATE = [str(net) for net in ip_network(CIDR).subnets(new_prefix=20)][1:7]
_PUBLIC = [str(net) for net in ip_network(CIDR).subnets(new_prefix=24)][:6]


@dataclass(frozen=True)
class Network:
    """What the other parts attach to."""

    vpc: aws.ec2.Vpc
    private: tuple[aws.ec2.Subnet, ...]
    public: tuple[aws.ec2.Subnet, ...]
    #: Nodes cannot fetch an image before these exist.
    ways_out: tuple[pulumi.Resource, ...]

    @property
    def private_ids(self) -> list[pulumi.Output[str]]:
        return [subnet.id for subnet in self.private]

    @property
    def public_ids(self) -> list[pulumi.Output[str]]:
        return [subnet.id for subnet in self.public]


def declare(site: Site, profile: CloudProfile, opts: pulumi.ResourceOptions) -> Network:
    """A VPC over the profile's zones, closed but for what the profile opens."""
    vpc = aws.ec2.Vpc(
        "network",
        cidr_block=CIDR,
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags=site.tagged(site.name),
        opts=opts,
    )
    # A security group that nobody chose must let nothing through.
    aws.ec2.DefaultSecurityGroup(
        "network/default-group", vpc_id=vpc.id, tags=site.tagged(f"{site.name}-default"), opts=opts
    )
    zones = aws.get_availability_zones_output(
        state="available",
        exclude_zone_ids=list(UNFIT_ZONES),
        filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
        opts=pulumi.InvokeOutputOptions(provider=opts.provider),
    )
    public = _subnets(site, vpc, zones.names, profile.zones, "public", opts)
    private = _subnets(site, vpc, zones.names, profile.zones, "private", opts)
    tables, ways_out = _routes(site, profile, vpc, public, private, opts)
    # Free of charge, and images of ECR come from S3: a gateway pays wherever there is NAT.
    store = aws.ec2.VpcEndpoint(
        "network/endpoint/s3",
        vpc_id=vpc.id,
        service_name=site.endpoint_service("s3"),
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in tables],
        tags=site.tagged(f"{site.name}-s3"),
        opts=opts,
    )
    if profile.endpoints:
        ways_out += _endpoints(site, profile, vpc, private, opts)
    return Network(vpc, private, public, (*ways_out, store))


def _subnets(
    site: Site,
    vpc: aws.ec2.Vpc,
    zones: pulumi.Output[list[str]],
    count: int,
    kind: str,
    opts: pulumi.ResourceOptions,
) -> tuple[aws.ec2.Subnet, ...]:
    """One subnet per zone, tagged so that load balancers find theirs."""
    blocks, role = (_PUBLIC, "elb") if kind == "public" else (_PRIVATE, "internal-elb")
    return tuple(
        aws.ec2.Subnet(
            f"network/{kind}/{index}",
            vpc_id=vpc.id,
            cidr_block=blocks[index],
            availability_zone=zones[index],
            map_public_ip_on_launch=False,
            tags={**site.tagged(f"{site.name}-{kind}-{index}"), f"kubernetes.io/role/{role}": "1"},
            opts=opts,
        )
        for index in range(count)
    )


def _routes(
    site: Site,
    profile: CloudProfile,
    vpc: aws.ec2.Vpc,
    public: tuple[aws.ec2.Subnet, ...],
    private: tuple[aws.ec2.Subnet, ...],
    opts: pulumi.ResourceOptions,
) -> tuple[list[aws.ec2.RouteTable], tuple[pulumi.Resource, ...]]:
    """The tables of the private subnets, and the routes by which they reach the internet, if any."""
    tag = site.tagged(site.name)
    internet = aws.ec2.InternetGateway("network/internet", vpc_id=vpc.id, tags=tag, opts=opts)
    outside = aws.ec2.RouteTable("network/routes/public", vpc_id=vpc.id, tags=tag, opts=opts)
    to_internet = aws.ec2.Route(
        "network/route/public",
        route_table_id=outside.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=internet.id,
        opts=opts,
    )
    gateways = []
    for index in range(profile.gateways):
        named = site.tagged(f"{site.name}-nat-{index}")
        after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[internet, to_internet]))
        address = aws.ec2.Eip(f"network/address/{index}", domain="vpc", tags=named, opts=after)
        gateways.append(
            aws.ec2.NatGateway(
                f"network/nat/{index}",
                allocation_id=address.id,
                subnet_id=public[index].id,
                tags=named,
                opts=after,
            )
        )
    tables, routes = [], []
    for index, subnet in enumerate(private):
        named = site.tagged(f"{site.name}-private-{index}")
        table = aws.ec2.RouteTable(f"network/routes/private/{index}", vpc_id=vpc.id, tags=named, opts=opts)
        tables.append(table)
        _associate(f"private/{index}", subnet, table, opts)
        if gateways:
            routes.append(
                aws.ec2.Route(
                    f"network/route/private/{index}",
                    route_table_id=table.id,
                    destination_cidr_block="0.0.0.0/0",
                    nat_gateway_id=gateways[index % len(gateways)].id,
                    opts=opts,
                )
            )
    for index, subnet in enumerate(public):
        _associate(f"public/{index}", subnet, outside, opts)
    return tables, tuple(routes)


def _associate(
    name: str, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable, opts: pulumi.ResourceOptions
) -> None:
    aws.ec2.RouteTableAssociation(
        f"network/table/{name}", subnet_id=subnet.id, route_table_id=table.id, opts=opts
    )


def _endpoints(
    site: Site,
    profile: CloudProfile,
    vpc: aws.ec2.Vpc,
    private: tuple[aws.ec2.Subnet, ...],
    opts: pulumi.ResourceOptions,
) -> tuple[pulumi.Resource, ...]:
    """Ways to AWS itself that never leave the network."""
    group = aws.ec2.SecurityGroup(
        "network/endpoints",
        description="HTTPS from inside the network to AWS",
        vpc_id=vpc.id,
        tags=site.tagged(f"{site.name}-endpoints"),
        opts=opts,
    )
    aws.vpc.SecurityGroupIngressRule(
        "network/endpoints/https",
        security_group_id=group.id,
        cidr_ipv4=CIDR,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        tags=site.tagged(f"{site.name}-endpoints"),
        opts=opts,
    )
    return tuple(
        aws.ec2.VpcEndpoint(
            f"network/endpoint/{service}",
            vpc_id=vpc.id,
            service_name=site.endpoint_service(service),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=[subnet.id for subnet in private],
            security_group_ids=[group.id],
            tags=site.tagged(f"{site.name}-{service}"),
            opts=opts,
        )
        for service in profile.endpoints
    )
