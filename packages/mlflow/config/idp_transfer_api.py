"""The requests of a transfer. Database and bucket are asked in threads, so that MLflow goes on answering.

Names and keys come in the query and never in the path: gateways refuse or rewrite paths with `%2F` or `//`.
Refusals are 409 with words in `error`.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import tempfile
from collections.abc import Callable
from typing import IO, Any

import idp_transfer_objects as objects
from idp_transfer_bring import bring
from idp_transfer_digests import listing
from idp_transfer_rows import export
from idp_transfer_tables import RefusedError
from idp_transfer_withdraw import withdraw
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

#: Bytes in one request at most. It waits on disk for the bucket, not in memory.
LIMIT = 64 * 2**20
_RANGE = re.compile(r"bytes=\d+-\d+\Z")


def application(prefix: str) -> Starlette:
    routes = [
        ("models", "GET", models),
        ("models/rows", "POST", exported),
        ("models/rows", "PUT", imported),
        ("models/withdraw", "POST", withdrawn),
        ("artifacts", "GET", listed),
        ("artifacts/object", "GET", sent),
        ("artifacts/object", "PUT", stored),
        ("artifacts/upload", "POST", begun),
        ("artifacts/upload", "PUT", part_stored),
        ("artifacts/complete", "POST", completed),
    ]
    return Starlette(
        routes=[Route(f"{prefix}/{path}", handler, methods=[method]) for path, method, handler in routes],
        exception_handlers={RefusedError: _refusal, objects.WrongKeyError: _wrong_key},
    )


async def models(request: Request) -> Response:
    """Everything that two servers are compared by."""
    return await _reading(listing)


async def exported(request: Request) -> Response:
    """The rows of a model, with those of its runs and logged models that the body names in `things`."""
    body = await request.json()
    return await _reading(functools.partial(export, name=_one(request, "name"), things=body["things"]))


async def imported(request: Request) -> Response:
    """Take over what another server has exported, whole or not at all."""
    name, body = _one(request, "name"), await request.body()

    return await _writing(lambda connection: bring(connection, name, json.loads(body)))


async def withdrawn(request: Request) -> Response:
    """Remove what a transfer has brought. Artifacts stay: their keys are immutable, nothing leads to them."""
    name, body = _one(request, "name"), await request.json()

    return await _writing(lambda connection: withdraw(connection, name, body))


async def listed(request: Request) -> Response:
    """Size by key of all objects below the roots."""
    return _json(await run_in_threadpool(objects.sizes, request.query_params.getlist("root")))


async def sent(request: Request) -> Response:
    """An object, or the one range of it that is asked for."""
    asked = request.headers.get("range")
    if asked is not None and not _RANGE.match(asked):
        raise HTTPException(416, "one range of bytes, with its end")
    found = await run_in_threadpool(objects.read, _one(request, "key"), asked)
    if found is None:
        raise HTTPException(404, "no such object")
    headers = {"content-length": str(found.length), "content-type": "application/octet-stream"}
    return StreamingResponse(found.chunks, 206 if asked else 200, headers)


async def stored(request: Request) -> Response:
    """Store an object; answers the hash of what came."""
    key = objects.checked(_one(request, "key"))
    with tempfile.TemporaryFile() as file:
        sha256 = await _received(request, file)
        await run_in_threadpool(objects.write, key, file)
    return _json({"sha256": sha256})


async def begun(request: Request) -> Response:
    """Begin an object in parts; what an aborted transfer left of the same one is given up."""
    return _json({"upload": await run_in_threadpool(objects.begin, _one(request, "key"))})


async def part_stored(request: Request) -> Response:
    """Store a part, from 1 on; answers the hash of what came and the tag that completes the object."""
    key, upload = objects.checked(_one(request, "key")), _one(request, "upload")
    number = int(_one(request, "part"))
    with tempfile.TemporaryFile() as file:
        sha256 = await _received(request, file)
        tag = await run_in_threadpool(objects.write_part, key, upload, number, file)
    return _json({"sha256": sha256, "tag": tag})


async def completed(request: Request) -> Response:
    """Make an object of its parts, whose tags the body lists in `tags`; answers its size."""
    key, upload, body = _one(request, "key"), _one(request, "upload"), await request.json()
    return _json({"size": await run_in_threadpool(objects.complete, key, upload, body["tags"])})


async def _received(request: Request, file: IO[bytes]) -> str:
    """Write a request's body to a file; the hash of it."""
    hashed, size = hashlib.sha256(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LIMIT:
            raise HTTPException(413, f"{LIMIT} bytes at most")
        hashed.update(chunk)
        file.write(chunk)
    file.seek(0)
    return hashed.hexdigest()


async def _reading(ask: Callable[[Any], Any]) -> Response:
    """What a question to the database answers, all of it as of one moment."""

    def read() -> Any:
        with _engine().connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            return ask(connection)

    return _json(await run_in_threadpool(read))


async def _writing(change: Callable[[Any], Any]) -> Response:
    """What comes of a change of the database, which is made whole or not at all."""

    def write() -> Any:
        with _engine().begin() as connection:
            return change(connection)

    return _json(await run_in_threadpool(write))


def _engine() -> Any:
    """MLflow's own connections: a transfer takes none beyond those that the server may have."""
    from mlflow.server.handlers import _get_tracking_store

    return _get_tracking_store().engine


def _one(request: Request, name: str) -> str:
    given = request.query_params.getlist(name)
    if len(given) != 1 or not given[0]:
        raise HTTPException(400, f"`{name}` once")
    return given[0]


def _json(content: Any) -> Response:
    # Metrics may be NaN, which Python reads and writes, and starlette's own JSON does not.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), media_type="application/json")


async def _refusal(request: Request, error: Exception) -> Response:
    return Response(json.dumps({"error": str(error)}), 409, media_type="application/json")


async def _wrong_key(request: Request, error: Exception) -> Response:
    return Response(json.dumps({"error": str(error)}), 400, media_type="application/json")
