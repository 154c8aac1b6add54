"""Records of platforms that many share: in the bucket of the account, beside the one of this machine."""

from __future__ import annotations

import json
from dataclasses import asdict

from bootstrap import instance
from bootstrap.cloud import session
from bootstrap.cloud.bucket import Bucket
from bootstrap.cloud.foundation import RECORDS, bucket_name
from bootstrap.errors import IdpError
from bootstrap.instance import Instance


def remember(known: Instance) -> None:
    """Remember a platform here and, where its state is shared, for everybody."""
    instance.remember(known)
    if known.state_bucket:
        content = json.dumps(asdict(known), indent=2) + "\n"
        _bucket_of(known).write(_key(known.name), content.encode())


def forget(name: str) -> None:
    """Forget a platform here and for everybody; the caller holds its lock, and its state is gone."""
    known = instance.find(name)
    if known and known.state_bucket:
        _bucket_of(known).remove(_key(name))
    instance.forget(name)


def adopt(name: str) -> Instance | None:
    """The record of a platform, None where nobody knows it. Raises IDP-C016.

    One that is not this machine's alone is fetched anew each time: another machine may have changed it.
    """
    here = _readable(name)
    if here and not here.state_bucket:
        return here
    bucket = _bucket_of(here) if here else _bucket()
    content = bucket.read(_key(name))
    if content is None:
        return here
    found = _parsed(content, name, bucket.place(_key(name)))
    if found != here:
        instance.remember(found)
    return found


def list_all() -> list[Instance]:
    """Every record in account and region, by name. Raises IDP-C016 naming all that cannot be read."""
    bucket = _bucket()
    found, faults = [], []
    for key in bucket.keys(RECORDS):
        try:
            content = bucket.read(key)
            if content is not None:
                found.append(_parsed(content, _name(key), bucket.place(key)))
        except IdpError as error:
            if error.code != "IDP-C016":
                raise
            faults += error.faults
    if faults:
        raise _unreadable(faults)
    return found


def unknown(name: str) -> IdpError:
    """The error for a platform that nobody knows, with the names of those that are known."""
    bucket = _bucket()
    names = [_name(key) for key in bucket.keys(RECORDS)]
    return IdpError(
        "IDP-C017",
        f"there is no platform named `{name}` in account {bucket.account}, {bucket.region}",
        f"known platforms: {', '.join(names) or 'none'}",
        f"idp up --cloud --name {name}   # or set AWS_PROFILE and AWS_REGION to where it stands",
    )


def _readable(name: str) -> Instance | None:
    """The record of this machine; a damaged one is as good as none."""
    try:
        return instance.find(name)
    except IdpError:
        return None


def _parsed(content: bytes, name: str, place: str) -> Instance:
    try:
        found = Instance(**json.loads(content))
    except (ValueError, TypeError) as error:
        raise _unreadable([f"{place}: {error}"]) from error
    if found.name != name:
        raise _unreadable([f"{place}: it is the record of `{found.name}`"])
    return found


def _unreadable(faults: list[str]) -> IdpError:
    return IdpError(
        "IDP-C016",
        "a record of a platform cannot be read",
        "it is damaged, or another version of idp wrote it",
        "use the version of idp that made the platform, or restore an earlier version of the object",
        faults=faults,
    )


def _key(name: str) -> str:
    return f"{RECORDS}{name}.json"


def _name(key: str) -> str:
    return key.removeprefix(RECORDS).removesuffix(".json")


def _bucket() -> Bucket:
    """The bucket of the account and region at hand."""
    account = session.connect().account()
    return Bucket(bucket_name(account), account.region, account.id)


def _bucket_of(known: Instance) -> Bucket:
    return Bucket(known.state_bucket, known.region, known.account)
