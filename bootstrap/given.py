"""What only the user can tell of a cluster that exists: facts, and keys to services that run already.

facts:
  domain: idp.example.org
  registry: registry.example.org/idp
credentials:
  database: {password: …}
  buckets:
    models: {access_key: …, secret_key: …}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from bootstrap.definitions import read
from bootstrap.shapes import Bucket, Strict


class DatabaseKeys(Strict):
    """The password of `idp_admin`, who may make databases and roles."""

    password: str


class BucketKeys(Strict):
    """The account of one bucket."""

    access_key: str
    secret_key: str


class Credentials(Strict):
    """Keys to services that the target runs."""

    database: DatabaseKeys | None = None
    buckets: dict[Bucket, BucketKeys] = Field(default_factory=dict)


class GivenFile(Strict):
    """The file that `--facts` reads."""

    facts: dict[str, Any] = Field(default_factory=dict)
    credentials: Credentials = Credentials()


@dataclass(frozen=True)
class Given:
    """Facts by name, and credentials by the ids under which the stack keeps them."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


def load(file: Path | None) -> Given:
    """The content of the file; nothing where there is none. Raises IDP-A002 with every fault and its line."""
    if file is None:
        return Given()
    content = read(file, GivenFile)
    values: dict[str, str] = {}
    if content.credentials.database:
        values["postgres/database-admin/password"] = content.credentials.database.password
    for name, keys in content.credentials.buckets.items():
        values[f"bucket/{name}/access_key"] = keys.access_key
        values[f"bucket/{name}/secret_key"] = keys.secret_key
    return Given(content.facts, values)
