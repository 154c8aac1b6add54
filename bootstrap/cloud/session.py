"""The AWS account at hand: whose it is, in which region, and for how long the credentials live.

Everything that talks to AWS by boto3 gets its clients here, so that patience and errors are the same
everywhere. boto3 takes its endpoints from AWS_ENDPOINT_URL, by which tests lead it to a server of theirs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bootstrap.errors import WRONG_USE, IdpError

if TYPE_CHECKING:
    import boto3

#: Seconds to wait for a connection and for an answer, and how often to ask.
_CONNECT, _READ, _ATTEMPTS = 5, 20, 3
#: What AWS answers where credentials were good once.
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId.Expired")
#: What AWS answers where they never were.
_INVALID = ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


@dataclass(frozen=True)
class Account:
    """Who works where; `expires` is None for credentials without an end."""

    id: str
    region: str
    arn: str
    expires: datetime | None = None

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]

    def minutes_left(self, now: datetime | None = None) -> float | None:
        """For how long the credentials live; None: for ever."""
        return (
            None if self.expires is None else (self.expires - (now or datetime.now(UTC))).total_seconds() / 60
        )


class Aws:
    """Clients for one region, all with the same patience."""

    def __init__(self, session: boto3.Session, region: str) -> None:
        self.region = region
        self._session = session

    @property
    def partition(self) -> str:
        """Of the region, by the SDK's own data: `aws`, `aws-cn`, `aws-us-gov` …"""
        return str(self._session.get_partition_for_region(self.region))

    def client(self, service: str, region: str = "") -> Any:
        from botocore.config import Config

        patience = Config(
            connect_timeout=_CONNECT,
            read_timeout=_READ,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        )
        return self._session.client(service, region_name=region or self.region, config=patience)

    def account(self) -> Account:
        """Whose credentials these are. Raises IDP-C002 to C005 where AWS cannot or does not say."""
        with explained("asking AWS whose credentials these are"):
            credentials = self._session.get_credentials()
            if credentials is None:
                raise _no_credentials()
            credentials.get_frozen_credentials()
            said = self.client("sts").get_caller_identity()
        # Only refreshable credentials know their end, and botocore keeps it to itself.
        expires = getattr(credentials, "_expiry_time", None)
        return Account(said["Account"], self.region, said["Arn"], expires)


def connect(region: str = "") -> Aws:
    """The AWS of this user's configuration. Raises IDP-C001 (no SDK), IDP-P020 (no region), IDP-C006."""
    try:
        import boto3
    except ImportError as error:
        raise IdpError(
            "IDP-C001",
            "the AWS SDK is not installed",
            "it belongs to the extra `cloud`, which a laptop does without",
            "pip install 'idp[cloud]'",
        ) from error
    # Other SDKs read this variable; boto3 knows only AWS_DEFAULT_REGION.
    region = region or os.environ.get("AWS_REGION", "")
    with explained("reading the AWS configuration"):
        session = boto3.Session(region_name=region or None)
    found = region or session.region_name or ""
    if not found:
        raise IdpError(
            "IDP-P020",
            "it is not known in which AWS region the platform is to stand",
            "neither AWS_REGION nor the AWS configuration names one",
            "aws configure set region eu-central-1   # or: export AWS_REGION=eu-central-1",
            exit_code=WRONG_USE,
        )
    _known(session, found)
    return Aws(session, found)


def _known(session: boto3.Session, region: str) -> None:
    """Raises IDP-C006 where the SDK knows EKS nowhere by that name: a typing error, mostly."""
    partition = session.get_partition_for_region(region) if _looks_right(session, region) else ""
    known = session.get_available_regions("eks", partition_name=partition) if partition else []
    if region not in known:
        near = [r for r in session.get_available_regions("eks") if r.split("-")[0] == region.split("-")[0]]
        raise IdpError(
            "IDP-C006",
            f"EKS is not known in a region `{region}`",
            f"near by name: {', '.join(near)}" if near else "",
            "export AWS_REGION=eu-central-1   # or another one that has EKS",
            exit_code=WRONG_USE,
        )


def _looks_right(session: boto3.Session, region: str) -> bool:
    from botocore.exceptions import UnknownRegionError

    try:
        session.get_partition_for_region(region)
    except UnknownRegionError:
        return False
    return True


@contextmanager
def explained(deed: str) -> Iterator[None]:
    """Turn what boto3 raises into an error for users; `deed` says what was being done."""
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        raise _refused(deed, error) from error
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise _no_credentials(str(error)) from error
    except (exceptions.CredentialRetrievalError, exceptions.UnauthorizedSSOTokenError) as error:
        raise _expired(str(error)) from error
    except exceptions.ProfileNotFound as error:
        raise _no_credentials(str(error)) from error
    except (exceptions.HTTPClientError, exceptions.EndpointConnectionError) as error:
        raise IdpError(
            "IDP-C004",
            f"AWS does not answer: {deed}",
            str(error),
            "check network and proxy (HTTPS_PROXY, AWS_CA_BUNDLE), then run the command again; it continues",
        ) from error
    except exceptions.BotoCoreError as error:
        raise IdpError("IDP-C007", f"AWS: {deed} failed", str(error), "run the command again") from error


def _refused(deed: str, error: Any) -> IdpError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code in _EXPIRED:
        return _expired(message)
    if code in _INVALID:
        return _no_credentials(message)
    if code in _DENIED:
        return IdpError(
            "IDP-C005",
            f"AWS does not allow {deed}",
            message,
            "idp cloud iam   # prints the policies that the role needs",
        )
    return IdpError(
        "IDP-C007", f"AWS: {deed} failed", f"{code}: {message}", "run the command again; it continues"
    )


def _no_credentials(why: str = "") -> IdpError:
    return IdpError(
        "IDP-C002",
        "there are no AWS credentials that work",
        why or "neither the environment, nor the AWS configuration, nor the machine's role has any",
        "aws configure   # or: aws sso login, or export AWS_PROFILE=NAME",
        exit_code=WRONG_USE,
    )


def _expired(why: str) -> IdpError:
    return IdpError(
        "IDP-C003",
        "the AWS credentials have expired",
        why,
        "aws sso login   # or get new ones as you got these, then run the command again; it continues",
    )
