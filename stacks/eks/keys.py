"""The platform's keys in KMS: one encrypts, one signs images."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from bootstrap.cloud import signer
from stacks.eks.site import Site


def encryption(site: Site, opts: pulumi.ResourceOptions) -> aws.kms.Key:
    """For Kubernetes secrets, images, database, buckets, Secrets Manager."""
    return _key("key", site.alias, f"idp {site.name}", site.name, site, opts, enable_key_rotation=True)


def signing(site: Site, opts: pulumi.ResourceOptions) -> aws.kms.Key:
    """For images: whoever runs `idp up` signs with it, and nobody can read it."""
    return _key(
        "signing",
        site.signing_alias,
        f"idp {site.name}: signs images",
        f"{site.name}-images",
        site,
        opts,
        key_usage=signer.USAGE,
        customer_master_key_spec=signer.SPEC,
    )


def _key(
    name: str,
    alias: str,
    description: str,
    tag: str,
    site: Site,
    opts: pulumi.ResourceOptions,
    **kind: Any,
) -> aws.kms.Key:
    """A key behind its alias; deleted, it can be called back for a month."""
    key = aws.kms.Key(
        name,
        description=description,
        deletion_window_in_days=30,
        tags=site.tagged(tag),
        opts=opts,
        **kind,
    )
    aws.kms.Alias(f"{name}/alias", name=alias, target_key_id=key.key_id, opts=opts)
    return key
