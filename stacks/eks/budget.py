"""An alarm before money runs away."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bootstrap.cloud import tags
from bootstrap.sizing import CloudProfile
from stacks.eks.site import Site

#: Percent of the month's budget, and whether it is spent or foreseen, at which to tell.
_THRESHOLDS = ((80.0, "ACTUAL"), (100.0, "FORECASTED"))


def declare(site: Site, profile: CloudProfile, opts: pulumi.ResourceOptions) -> None:
    """A monthly budget of what carries the platform's tag; alarms go to a topic to subscribe to."""
    if not site.has_budgets:
        return
    topic = aws.sns.Topic(
        "budget/alarm", name=f"{site.name}-budget", tags=site.tagged(f"{site.name}-budget"), opts=opts
    )
    allowed = aws.sns.TopicPolicy(
        "budget/may-publish",
        arn=topic.arn,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "budgets.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": topic.arn,
                        "Condition": {"StringEquals": {"aws:SourceAccount": site.account}},
                    }
                ],
            }
        ),
        opts=opts,
    )
    aws.budgets.Budget(
        "budget",
        name=f"{site.name}-{site.region}",
        budget_type="COST",
        limit_amount=f"{profile.budget_usd_month:g}",
        limit_unit="USD",
        time_unit="MONTHLY",
        cost_filters=[{"name": "TagKeyValue", "values": [f"user:{tags.INSTANCE}${site.name}"]}],
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "threshold": threshold,
                "threshold_type": "PERCENTAGE",
                "notification_type": kind,
                "subscriber_sns_topic_arns": [topic.arn],
            }
            for threshold, kind in _THRESHOLDS
        ],
        tags=site.tagged(site.name),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[allowed])),
    )
