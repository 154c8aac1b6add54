"""Artifacts in the server's bucket, by keys as MLflow makes them: `EXPERIMENT/RUN/artifacts/…`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import IO, Any

_SCHEME = re.compile(r"mlflow-artifacts:/(?:/[^/]*/)?")
_CHUNK = 2**20


class WrongKeyError(Exception):
    """A key that MLflow would not have made."""


@dataclass(frozen=True)
class Found:
    length: int
    chunks: Iterator[bytes]


def checked(key: str) -> str:
    """The key, if it lies below an experiment's number. Raises WrongKeyError."""
    number, *parts = key.split("/")
    plain = number.isascii() and number.isdigit() and min(key) >= " "
    if not plain or not parts or any(part in ("", ".", "..") for part in parts):
        raise WrongKeyError(f"no key of an artifact: {key!r}")
    return key


def root(uri: str | None) -> str | None:
    """The key below which the artifacts of a URI lie; None where this is not in the server's bucket."""
    match = _SCHEME.match(uri or "")
    if not match:
        return None
    try:
        return checked((uri or "")[match.end() :].strip("/"))
    except WrongKeyError:
        return None


def sizes(roots: Iterable[str]) -> dict[str, int]:
    pages = _bucket().get_paginator("list_objects_v2")
    return {
        item["Key"]: item["Size"]
        for prefix in map(checked, roots)
        for page in pages.paginate(Bucket=_name(), Prefix=f"{prefix}/")
        for item in page.get("Contents", ())
        if not item["Key"].endswith("/")  # a folder of a store that has folders
    }


def read(key: str, span: str | None) -> Found | None:
    more = {"Range": span} if span else {}
    client = _bucket()
    try:
        answer = client.get_object(Bucket=_name(), Key=checked(key), **more)
    except client.exceptions.NoSuchKey:
        return None
    return Found(answer["ContentLength"], answer["Body"].iter_chunks(_CHUNK))


def write(key: str, file: IO[bytes]) -> None:
    _bucket().put_object(Bucket=_name(), Key=checked(key), Body=file)


def begin(key: str) -> str:
    client, place = _bucket(), {"Bucket": _name(), "Key": checked(key)}
    left = client.list_multipart_uploads(Bucket=_name(), Prefix=key).get("Uploads", ())
    for upload in left:
        if upload["Key"] == key:
            client.abort_multipart_upload(**place, UploadId=upload["UploadId"])
    return str(client.create_multipart_upload(**place)["UploadId"])


def write_part(key: str, upload: str, number: int, file: IO[bytes]) -> str:
    place = {"Bucket": _name(), "Key": checked(key), "UploadId": upload, "PartNumber": number}
    return str(_bucket().upload_part(**place, Body=file)["ETag"])


def complete(key: str, upload: str, tags: list[str]) -> int:
    client, place = _bucket(), {"Bucket": _name(), "Key": checked(key)}
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    try:
        client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
    except client.exceptions.ClientError as error:
        # Asked again because the first answer was lost; the size tells whether it is the object.
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
    return int(client.head_object(**place)["ContentLength"])


def _name() -> str:
    return os.environ["BUCKET"]


@cache
def _bucket() -> Any:
    import boto3
    from botocore.config import Config

    style = os.environ.get("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "auto")
    endpoint = os.environ.get("MLFLOW_S3_ENDPOINT_URL") or None
    config = Config(signature_version="s3v4", s3={"addressing_style": style}, max_pool_connections=32)
    return boto3.client("s3", endpoint_url=endpoint, config=config)
