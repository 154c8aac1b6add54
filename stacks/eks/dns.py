"""One certificate for the platform's domain and everything below it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from stacks.eks.site import Site

#: How long to wait for AWS to see the validation record; it takes minutes once the zone is delegated.
_PATIENCE = "15m"


def declare(domain: str, site: Site, opts: pulumi.ResourceOptions) -> aws.acm.CertificateValidation:
    """A wildcard certificate that the load balancer finds by its host.

    The zone that proves it is the account's (`idp cloud bootstrap --domain`): it is delegated once and
    outlives platforms.
    """
    zone = aws.route53.get_zone_output(
        name=domain, private_zone=False, opts=pulumi.InvokeOutputOptions(provider=opts.provider)
    )
    certificate = aws.acm.Certificate(
        "dns/certificate",
        domain_name=domain,
        subject_alternative_names=[f"*.{domain}"],
        validation_method="DNS",
        tags=site.tagged(domain),
        opts=opts,
    )
    # The domain and its wildcard are validated by one and the same record.
    wanted = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        "dns/validation",
        zone_id=zone.zone_id,
        name=wanted.resource_record_name,
        type=wanted.resource_record_type,
        records=[wanted.resource_record_value],
        ttl=60,
        allow_overwrite=True,
        opts=opts,
    )
    return aws.acm.CertificateValidation(
        "dns/validated",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn],
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create=_PATIENCE))
        ),
    )
