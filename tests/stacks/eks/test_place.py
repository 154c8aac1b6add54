"""Where a cloud platform is to stand, as AWS says: moto, over real HTTP."""

from __future__ import annotations

import boto3
import pytest

from bootstrap import plan as planning
from bootstrap.finding import State
from stacks.eks.engine import CLUSTER_TYPE, ENGINE
from stacks.kind.engine import ENGINE as KIND
from stacks.state import Recorded
from tests.aws import ACCOUNT, REGION, foundation
from tests.stacks.eks.support import DOMAIN, plan, profile


def test_a_prepared_account_is_a_place(aws: boto3.Session) -> None:
    laid = foundation(aws, DOMAIN)
    place = ENGINE.locate(plan(profile("workshop")))
    assert (place.region, place.account, place.state_bucket) == (REGION, ACCOUNT, laid.bucket)
    assert place.facts["bucket_prefix"] == f"idp-{ACCOUNT}-{REGION}-"
    assert place.owner.startswith("arn:aws:sts:")


def test_an_account_that_is_not_prepared_is_found_out_with_all_that_it_lacks(aws: boto3.Session) -> None:
    wanted = plan(profile("workshop"))
    place = ENGINE.locate(wanted)
    found = ENGINE.check(planning.located(wanted, place.facts), place, known=False)
    faults = {finding.code: finding.remedy for finding in found if finding.state is State.FAIL}
    assert faults["IDP-C026"].startswith("idp cloud bootstrap")
    assert faults["IDP-C027"] == f"idp cloud bootstrap --domain {DOMAIN}"


@pytest.mark.parametrize("outputs", [{}, {"endpoint": "https://api", "certificateAuthority": {}}])
def test_there_is_no_access_to_a_cluster_that_is_not_finished(outputs: dict[str, object]) -> None:
    cluster = {"type": CLUSTER_TYPE, "urn": "cluster", "outputs": outputs}
    assert ENGINE.access("idp", Recorded()) is None
    assert ENGINE.access("idp", Recorded((cluster,))) is None


def test_nobody_else_gets_into_a_cluster_on_loopback() -> None:
    assert KIND.access("idp", Recorded()) is None
