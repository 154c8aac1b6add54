"""A repository for every image of the plan.

A tag, once pushed, means the same for ever, but for those of signatures: others may add theirs.
"""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from bootstrap import imagetags
from bootstrap.model import Plan
from bootstrap.sizing import CloudProfile
from stacks.eks.site import Site


def declare(
    plan: Plan, site: Site, profile: CloudProfile, key: aws.kms.Key, opts: pulumi.ResourceOptions
) -> list[aws.ecr.Repository]:
    """The repositories, encrypted with the platform's key."""
    return [
        _repository(name, site, profile, key, opts)
        for name in dict.fromkeys(image.name for image in plan.images)
    ]


def _repository(
    image: str, site: Site, profile: CloudProfile, key: aws.kms.Key, opts: pulumi.ResourceOptions
) -> aws.ecr.Repository:
    repository = aws.ecr.Repository(
        f"registry/{image}",
        name=f"{site.name}/{image}",
        image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",
        image_tag_mutability_exclusion_filters=[{"filter": imagetags.SIGNATURES, "filter_type": "WILDCARD"}],
        image_scanning_configuration={"scan_on_push": True},
        encryption_configurations=[{"encryption_type": "KMS", "kms_key": key.arn}],
        # Images can be pushed again from the bundle at any time.
        force_delete=True,
        tags=site.tagged(f"{site.name}/{image}"),
        opts=opts,
    )
    aws.ecr.LifecyclePolicy(
        f"registry/{image}/lifecycle",
        repository=repository.name,
        policy=json.dumps(lifecycle(profile.registry.keep, profile.registry.untagged_days)),
        opts=opts,
    )
    return repository


def lifecycle(keep: int, untagged_days: int) -> dict[str, object]:
    """What goes by itself: what is untagged after some days, images beyond the newest `keep`.

    Each image has a bill of materials, and both have a signature; counted together, images would go early.
    """
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": untagged_days,
    }
    newest = {imagetags.IMAGES: keep, imagetags.BILLS: keep, imagetags.SIGNATURES: 2 * keep}
    tagged = [
        {
            "tagStatus": "tagged",
            "tagPatternList": [pattern],
            "countType": "imageCountMoreThan",
            "countNumber": number,
        }
        for pattern, number in newest.items()
    ]
    return {
        "rules": [
            {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}
            for priority, selection in enumerate((untagged, *tagged), start=1)
        ]
    }
