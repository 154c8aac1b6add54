"""Prices from the AWS Price List: what is asked, what is taken of the answers, what is kept.

moto does not know the Price List, so that botocore's Stubber gives the answers, in the form that the API
reference shows; it also holds every request against the service's model. That the filters find the right
products at AWS is proven by nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber

from bootstrap import cli
from bootstrap.cloud import session
from bootstrap.cost import prices
from bootstrap.cost.refresh import Question, Refreshed, nearest, price_of, questions, refresh
from bootstrap.errors import IdpError
from bootstrap.progress import silent

REGION, TODAY = "eu-central-1", date(2026, 12, 1)
KINDS = ("auto:m7i.xlarge", "instance:m7i.xlarge", "rds:db.t4g.micro")
LISTED = prices.items()


@pytest.fixture(autouse=True)
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def price_list(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """The client that everybody gets; asked for something else than prices, it fails."""
    client = boto3.client("pricing", region_name=REGION)

    def given(self: session.Aws, service: str, region: str = "") -> Any:
        assert (service, region) == ("pricing", REGION)
        return client

    monkeypatch.setattr(session.Aws, "client", given)
    with Stubber(client) as stubber:
        yield stubber


def product(usage: str, *usd: str, begin: str = "0") -> dict[str, Any]:
    """A product of the Price List with one on-demand price per tier."""
    begins = [begin, "1024"][: len(usd)]
    tiers = {
        f"t{i}": {"beginRange": b, "pricePerUnit": {"USD": p}}
        for i, (b, p) in enumerate(zip(begins, usd, strict=True))
    }
    return {
        "product": {"attributes": {"usagetype": usage}},
        "terms": {"OnDemand": {"term": {"priceDimensions": tiers}}},
    }


def asked() -> list[Question]:
    return questions(LISTED["items"], REGION, KINDS)


def answer(stubber: Stubber, question: Question, *products: dict[str, Any]) -> None:
    expected = {"ServiceCode": question.service, "Filters": question.filters, "FormatVersion": "aws_v1"}
    stubber.add_response("get_products", {"PriceList": [json.dumps(p) for p in products]}, expected)


def run() -> Refreshed:
    return refresh(session.connect(REGION), REGION, KINDS, TODAY, silent())


def test_prices_are_asked_for_by_region_and_kind() -> None:
    by_item = {question.item: question for question in asked()}
    assert by_item["rds:db.t4g.micro"].filters == [
        {"Type": "TERM_MATCH", "Field": "instanceType", "Value": "db.t4g.micro"},
        {"Type": "TERM_MATCH", "Field": "databaseEngine", "Value": "PostgreSQL"},
        {"Type": "TERM_MATCH", "Field": "deploymentOption", "Value": "Single-AZ"},
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION},
        {"Type": "CONTAINS", "Field": "usagetype", "Value": "InstanceUsage:db.t4g.micro"},
    ]
    assert by_item["auto:m7i.xlarge"].usage == "EKS-Auto:m7i.xlarge-management-hours"
    # DNS zones have no region, and data to the internet no question.
    assert [f["Field"] for f in by_item["zone"].filters] == ["usagetype"]
    assert "out-gb" not in by_item
    assert {q.item for q in asked()} == {
        n for n, i in LISTED["items"].items() if "list" in i and not i.get("kind")
    } | {*KINDS}


@pytest.mark.parametrize(
    ("products", "price"),
    [
        ([product("EUC1-NatGateway-Hours", "0.052")], 0.052),
        ([product("NatGateway-Hours", "0.045")], 0.045),  # us-east-1 has no code before it
        ([product("eu-central-1-NatGateway-Hours", "0.052")], 0.052),
        ([product("EUC1-NatGateway-Hours", "0.052", "0.04")], 0.052),  # the first tier
        (
            [product("EUC1-NatGateway-Hours", "0.052"), product("EUC1-NatGateway-Hours-Regional", "0.2")],
            0.052,
        ),
        ([product("EUC1-NatGateway-Hours", "0.052")] * 2, 0.052),
        ([product("EUC1-NatGateway-Hours", "0.052"), product("EUC1-NatGateway-Hours", "0.06")], None),
        ([product("EU-NatGateway-Hours", "0.048")], 0.048),  # as eu-west-1 is called
        ([product("EUC1-NatGateway-Hours", "0.052"), product("EUC1-Zonal-NatGateway-Hours", "0.9")], 0.052),
        ([product("EUC1-NatGateway-Bytes", "0.052")], None),
        ([product("EUC1-NatGateway-Hours", "0.052", begin="10")], None),
        ([{"product": {"attributes": {}}}], None),
        ([], None),
    ],
)
def test_a_price_is_taken_only_where_it_is_unambiguous(
    products: list[dict[str, Any]], price: float | None
) -> None:
    question = next(q for q in asked() if q.item == "nat-hour")
    assert price_of(products, question) == price


def test_prices_in_another_currency_are_none() -> None:
    other = product("EUC1-NatGateway-Hours", "1")
    other["terms"]["OnDemand"]["term"]["priceDimensions"]["t0"]["pricePerUnit"] = {"CNY": "1"}
    assert price_of([other], next(q for q in asked() if q.item == "nat-hour")) is None


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("eu-west-3", "eu-central-1"),
        ("ap-southeast-2", "ap-south-1"),
        ("us-west-2", "us-east-1"),
        ("sa-east-1", "us-east-1"),
    ],
)
def test_the_nearest_endpoint_is_asked(region: str, endpoint: str) -> None:
    assert nearest(LISTED["endpoints"], region) == endpoint


def test_the_sdk_knows_the_same_endpoints() -> None:
    assert set(boto3.Session().get_available_regions("pricing")) == set(LISTED["endpoints"])


def test_fetched_prices_are_kept_and_the_rest_is_named(price_list: Stubber, tmp_path: Path) -> None:
    for question in asked():
        found = [] if question.item == "key" else [product(f"EUC1-{question.usage}", "0.5", "0.1")]
        answer(price_list, question, *found)
    before = {"as_of": date(2026, 1, 1), "source": "x", "prices": {"key": {"usd": 2, "checked": True}}}
    (tmp_path / "prices.yaml").write_text(yaml.safe_dump({"regions": {"eu-west-1": before}}))
    done = run()
    assert done == Refreshed(tmp_path / "prices.yaml", len(asked()) - 1, ("key",))
    table = prices.load()
    assert table.price(REGION, "rds:db.t4g.micro") == prices.Price(0.5, True, "2026-12-01", REGION)
    assert table.known(REGION, "key").usd == 1, "the shipped price stands where AWS gave none"
    assert table.known("eu-west-1", "key").usd == 2, "other regions stay as they were"
    assert [file.name for file in tmp_path.iterdir()] == ["prices.yaml"]
    price_list.assert_no_pending_responses()


def test_answers_of_several_pages_are_all_read(price_list: Stubber) -> None:
    first, *rest = asked()
    expected = {"ServiceCode": first.service, "Filters": first.filters, "FormatVersion": "aws_v1"}
    price_list.add_response("get_products", {"PriceList": [], "NextToken": "more"}, expected)
    page = {"PriceList": [json.dumps(product(f"EUC1-{first.usage}", "0.1"))]}
    price_list.add_response("get_products", page, {**expected, "NextToken": "more"})
    for question in rest:
        answer(price_list, question)
    assert run().found == 1


def test_no_price_at_all_changes_nothing(price_list: Stubber, tmp_path: Path) -> None:
    for question in asked():
        answer(price_list, question)
    with pytest.raises(IdpError) as caught:
        run()
    assert caught.value.code == "IDP-C064"
    assert not (tmp_path / "prices.yaml").exists()


def test_a_missing_right_is_named(price_list: Stubber, tmp_path: Path) -> None:
    price_list.add_client_error(
        "get_products", "AccessDeniedException", "not authorized: pricing:GetProducts"
    )
    with pytest.raises(IdpError) as caught:
        run()
    assert caught.value.code == "IDP-C005"
    assert "pricing:GetProducts" in caught.value.what + caught.value.why
    assert not (tmp_path / "prices.yaml").exists()


def test_the_command_fetches_then_estimates(price_list: Stubber, capsys: pytest.CaptureFixture[str]) -> None:
    # Also what other profiles of the stack need: they are estimated next.
    kinds = {*KINDS, "rds:db.t4g.medium", "rds:db.m7g.large"}
    kinds |= {f"{item}:{kind}" for item in ("instance", "auto") for kind in ("g6.xlarge", "g6.2xlarge")}
    wanted = questions(LISTED["items"], REGION, kinds)
    for question in wanted:
        answer(price_list, question, product(f"EUC1-{question.usage}", "1"))
    arguments = ["cost", "--refresh", "--region", REGION, "--profile", "workshop", "--progress", "plain"]
    assert cli.run(arguments) == 0
    said = capsys.readouterr()
    assert f"prices in {REGION}, {len(wanted)} questions to AWS" in said.err
    assert said.out.startswith(f"{len(wanted)} prices of {REGION} are now in ")
    assert "\n1 of 20 prices were not read at AWS" in said.out  # data to the internet


def test_without_credentials_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert cli.run(["cost", "--refresh", "--region", REGION, "--progress", "plain"]) != 0
    assert "Error IDP-C002: " in capsys.readouterr().err
