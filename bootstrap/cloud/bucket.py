"""Objects of one S3 bucket, by key. Only of a bucket that this account owns: a name can be another's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from bootstrap.cloud import session
from bootstrap.cloud.session import explained

_ABSENT = ("NoSuchKey", "NoSuchBucket", "404")


class Bucket:
    """A bucket in a region, and the account that must own it. Every method raises IDP-C002 to C007."""

    def __init__(self, name: str, region: str, account: str) -> None:
        self.name, self.region, self.account = name, region, account

    def read(self, key: str) -> bytes | None:
        """The object, or None where there is none."""
        return self._get(key, f"reading {self.place(key)}")

    def write(self, key: str, content: bytes) -> None:
        """Put an object whole, or not at all."""
        with explained(f"writing {self.place(key)}"):
            self._s3.put_object(**self._at, Key=key, Body=content)

    def remove(self, key: str) -> None:
        """Remove an object; one that is not there is no error. Its versions stay for their time."""
        with explained(f"removing {self.place(key)}"):
            self._s3.delete_object(**self._at, Key=key)

    def keys(self, prefix: str) -> list[str]:
        """All keys that begin so, sorted; also none where there is no such bucket."""
        from botocore.exceptions import ClientError

        pages = self._s3.get_paginator("list_objects_v2").paginate(**self._at, Prefix=prefix)
        with explained(f"listing {self.place(prefix)}"):
            try:
                return sorted(found["Key"] for page in pages for found in page.get("Contents", ()))
            except ClientError as error:
                if error.response["Error"]["Code"] in _ABSENT:
                    return []
                raise

    def versions(self, key: str) -> Iterator[bytes]:
        """Earlier contents of an object, the latest first, also of one that was removed."""
        pages = self._s3.get_paginator("list_object_versions").paginate(**self._at, Prefix=key)
        with explained(f"listing the versions of {self.place(key)}"):
            found = [v for page in pages for v in page.get("Versions", ()) if v["Key"] == key]
        for version in found:
            deed = f"reading a version of {self.place(key)}"
            content = self._get(key, deed, VersionId=version["VersionId"])
            if content is not None:
                yield content

    def place(self, key: str) -> str:
        """Where an object lies, for messages."""
        return f"s3://{self.name}/{key}"

    def _get(self, key: str, deed: str, **more: str) -> bytes | None:
        from botocore.exceptions import ClientError

        with explained(deed):
            try:
                content: bytes = self._s3.get_object(**self._at, Key=key, **more)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] in _ABSENT:
                    return None
                raise
        return content

    @property
    def _at(self) -> dict[str, str]:
        return {"Bucket": self.name, "ExpectedBucketOwner": self.account}

    @cached_property
    def _s3(self) -> Any:
        return session.connect(self.region).client("s3")
