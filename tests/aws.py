"""AWS as far as it can be had without an account: moto, a server that plays its APIs over real HTTP.

Everything that asks by boto3, and Pulumi's own S3 backend, is led there by AWS_ENDPOINT_URL. What the real
AWS does beyond moto's picture of it is proven by none of these tests; docs/cloud.md says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bootstrap.cloud import session
from bootstrap.cloud.foundation import Foundation, lay
from bootstrap.progress import silent

REGION, ACCOUNT = "eu-central-1", "123456789012"
#: Seconds for one answer of the server.
_PATIENCE = 240


@contextmanager
def serving() -> Iterator[str]:
    """The address of a moto server on loopback, ended with the block."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def environment(url: str) -> dict[str, str]:
    """What leads every AWS client there, whatever language it is written in."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def client(service: str, url: str) -> Any:
    """A client of moto's for tests that leave the environment of their process as it is."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, REGION, endpoint_url=url, **keys)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """One server for all tests of a process."""
    with serving() as url:
        yield url


@pytest.fixture
def aws(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    """An empty account, and this process led to it."""
    for key, value in environment(moto).items():
        monkeypatch.setenv(key, value)
    # Server and clients share one process; a busy machine takes its time, and nobody measures it here.
    monkeypatch.setattr(session, "_READ", _PATIENCE)
    for leftover in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(leftover, raising=False)
    reset(moto)
    yield boto3.Session(region_name=REGION)
    reset(moto)


def foundation(account: boto3.Session, domain: str = "") -> Foundation:
    """An account prepared by `idp cloud bootstrap`, without the one thing that moto gets wrong.

    It denies whatever a bucket's policy denies without looking at the conditions: everything, not only
    what comes over plain HTTP.
    """
    laid = lay(domain, silent())
    account.client("s3").delete_bucket_policy(Bucket=laid.bucket)
    return laid


def reset(url: str) -> None:
    """Empty the account."""
    import httpx

    httpx.post(f"{url}/moto-api/reset", timeout=_PATIENCE).raise_for_status()
