"""Whose AWS it is, as the user's environment says."""

from __future__ import annotations

import pytest

from bootstrap.cloud import session
from bootstrap.errors import IdpError

NONE = {
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, "eu-west-1"),
        ({}, "IDP-P020"),
        ({"AWS_REGION": "eu-mars-1"}, "IDP-C006"),
        ({"AWS_REGION": "eu-west-1", "AWS_PROFILE": "nobody"}, "IDP-C002"),
    ],
)
def test_the_region_of_every_way_to_name_it(
    environment: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**NONE, **environment}.items():
        monkeypatch.setenv(name, value)
    assert found() == region


def found() -> str:
    try:
        return session.connect().region
    except IdpError as error:
        return error.code
