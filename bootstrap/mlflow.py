"""The one adapter to MLflow: what `packages/mlflow/config/idp_transfer_api.py` answers to `idp promote`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bootstrap import http
from bootstrap.errors import IdpError
from bootstrap.parallel import gather

Json = Any

#: Where the secret lies, and the header that carries it.
NAMESPACE, SECRET, KEY = "mlflow", "mlflow-transfer", "token"
_HEADER = "X-Idp-Transfer"
_PATH = "/idp/transfer/"
#: Seconds that a new pod of MLflow may take to answer.
RESTART_WITHIN = 180.0
#: Seconds without a byte: an object store may join large parts for a while.
_SILENCE = 300.0
#: Roots in one request: they are in its address.
_ROOTS = 40


@dataclass(frozen=True)
class Version:
    """A version of a model; `digest` is one of all its rows.

    The others are tags, if it has them: the hash of the model's file, the pipeline run that made it, and the
    repository of that run's code (`ORG/NAME`).
    """

    run: str
    source: str = ""
    created: int = 0
    sha256: str = ""
    digest: str = ""
    pipeline: str = ""
    repository: str = ""


@dataclass(frozen=True)
class Model:
    """A registered model; `deleted` are versions of which the number is left, `experiments` are names."""

    versions: Mapping[str, Version] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    experiments: Collection[str] = ()
    deleted: Collection[str] = ()
    digest: str = ""


@dataclass(frozen=True)
class Experiment:
    """`things` are its runs and logged models, by id; the values here are digests, as are those of `tags`."""

    lifecycle: str = "active"
    tags: Mapping[str, str] = field(default_factory=dict)
    things: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """Everything that two servers are compared by; `schema` is that of the database."""

    schema: str
    models: Mapping[str, Model] = field(default_factory=dict)
    experiments: Mapping[str, Experiment] = field(default_factory=dict)


@dataclass(frozen=True)
class Export:
    """Rows as another server takes them, roots of their artifacts, addresses of those that are elsewhere."""

    rows: bytes
    roots: Sequence[str]
    elsewhere: Sequence[str]


class Mlflow:
    """One server; `client` carries the secret and the base URL `…/idp/transfer/`. Safe from any thread.

    Every request may be asked twice. Raises IDP-M020 (no answer) and IDP-M023 (refused).
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def close(self) -> None:
        self._client.close()

    def listing(self) -> Listing:
        return parsed(self._ask("GET", "models").json())

    def export(self, model: str, things: Sequence[str]) -> Export:
        """A model's rows, with those of the runs and logged models that are named."""
        answer = self._ask("POST", "models/rows", {"name": model}, content=_json({"things": list(things)}))
        said = answer.json()
        return Export(answer.content, said["roots"], said["elsewhere"])

    def bring(self, model: str, rows: bytes) -> None:
        """Take over rows, whole or not at all."""
        self._ask("PUT", "models/rows", {"name": model}, content=rows)

    def withdraw(self, model: str, what: Mapping[str, Json]) -> None:
        self._ask("POST", "models/withdraw", {"name": model}, content=_json(what))

    def sizes(self, roots: Sequence[str]) -> dict[str, int]:
        """Size by key of all artifacts below the roots."""
        parts = [roots[start : start + _ROOTS] for start in range(0, len(roots), _ROOTS)]
        found = gather(partial(self._ask, "GET", "artifacts", {"root": list(part)}) for part in parts)
        return {key: size for answer in found for key, size in answer.json().items()}

    def read(self, key: str, start: int, length: int) -> bytes:
        """A piece of an artifact that is not empty."""
        span = {"Range": f"bytes={start}-{start + length - 1}"}
        content = self._ask("GET", "artifacts/object", {"key": key}, headers=span).content
        if len(content) != length:
            raise damaged(key, f"{len(content)} bytes came of {length}")
        return content

    def write(self, key: str, content: bytes) -> None:
        answer = self._ask("PUT", "artifacts/object", {"key": key}, content=content).json()
        _refuse_other(key, content, answer["sha256"])

    def begin(self, key: str) -> str:
        """Begin an artifact in parts."""
        return str(self._ask("POST", "artifacts/upload", {"key": key}).json()["upload"])

    def write_part(self, key: str, upload: str, number: int, content: bytes) -> str:
        """Store a part, counted from 1; the tag by which it is named in the end."""
        where = {"key": key, "upload": upload, "part": number}
        answer = self._ask("PUT", "artifacts/upload", where, content=content).json()
        _refuse_other(key, content, answer["sha256"])
        return str(answer["tag"])

    def complete(self, key: str, upload: str, tags: Sequence[str], size: int) -> None:
        """Join the parts; raises IDP-M024 where they do not come to the size."""
        where = {"key": key, "upload": upload}
        answer = self._ask("POST", "artifacts/complete", where, content=_json({"tags": list(tags)})).json()
        if answer["size"] != size:
            raise damaged(key, f"{answer['size']} bytes are there of {size}")

    def _ask(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, **given: Any
    ) -> httpx.Response:
        send = partial(self._client.request, method, path, params=query, **given)
        try:
            answer = http.past_a_restart(send, RESTART_WITHIN, lost=(httpx.TransportError,))
        except httpx.TransportError as error:
            why = f"{method} {self._client.base_url}{path}: {error}"
            raise IdpError("IDP-M020", "MLflow does not answer", why, "idp status") from error
        if not answer.is_success:
            raise _refused(answer)
        return answer


def connect(name: str, url: str, token: str, data: Path | None = None) -> Mlflow:
    """MLflow of the instance `name` at its public address, with the token of its Secret mlflow-transfer."""
    client = http.client(name, f"{url.rstrip('/')}{_PATH}", timeout=_SILENCE, data=data)
    client.headers[_HEADER] = token
    return Mlflow(client)


def parsed(said: Json) -> Listing:
    models = {
        name: Model(**{**one, "versions": {number: Version(**v) for number, v in one["versions"].items()}})
        for name, one in said["models"].items()
    }
    experiments = {name: Experiment(**one) for name, one in said["experiments"].items()}
    return Listing(said["schema"], models, experiments)


def damaged(key: str, why: str) -> IdpError:
    return IdpError("IDP-M024", f"the artifact {key} was damaged on its way", why, "idp promote")


def _refuse_other(key: str, content: bytes, sha256: str) -> None:
    own = hashlib.sha256(content).hexdigest()
    if sha256 != own:
        raise damaged(key, f"sha256 {own} was sent, {sha256} was received")


def _refused(answer: httpx.Response) -> IdpError:
    """In the server's own words, where it has any."""
    what = f"MLflow refused {answer.request.method} {answer.url.path} with status {answer.status_code}"
    if answer.status_code == httpx.codes.CONFLICT:
        return IdpError("IDP-M023", str(answer.json()["error"]), what)
    return IdpError("IDP-M023", what, answer.text[:500], "idp status")


def _json(body: Json) -> bytes:
    return json.dumps(body).encode()
