"""A provider that speaks Pulumi's protocol and makes nothing: it plays the protocol, not AWS.

The real command starts it as `pulumi-resource-aws`, so that a whole program runs through the real engine.
Every resource comes about as it was asked for, and is kept as reality in a file that tests can change. What
AWS accepts, refuses or makes up by itself is proven by none of this.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.stacks.eks import answers

#: Environment by which a test tells where reality is kept, and which partition it is.
REALITY, PARTITION = "IDP_TEST_REALITY", "IDP_TEST_PARTITION"
#: Environment with what resources ask for instead, as JSON: name -> properties, null: not at all. The engine
#: holds policies to what the provider has checked, so that this is as good as another program.
ALTERED = "IDP_TEST_ALTERED"
#: What stands for a value that only the run itself tells (Pulumi's protocol, unknown string).
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Reality:
    """What exists, by id: what was `asked` for and what was `found` then; one file for all of a test."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def get(self, id_: str) -> dict[str, Any] | None:
        with self._lock:
            return self._read().get(id_)

    def put(self, id_: str, properties: dict[str, Any] | None) -> None:
        """Change something; None removes it."""
        with self._lock:
            known = self._read()
            known.pop(id_, None)
            if properties is not None:
                known[id_] = properties
            self._file.write_text(json.dumps(known))

    def _read(self) -> dict[str, Any]:
        known: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return known


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers each question about a resource with what was asked for."""

    def __init__(self, reality: Reality, partition: str, altered: dict[str, dict[str, Any]]) -> None:
        self._reality = reality
        self._altered = altered
        self._partition = partition

    # The names are the protocol's.
    def CheckConfig(self, request: Any, _: Any) -> Any:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
        )

    def GetPluginInfo(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version="0.0.0")

    def Invoke(self, request: Any, _: Any) -> Any:  # noqa: N802
        found = answers.asked(request.tok, _plain(request.args), self._partition)
        return provider_pb2.InvokeResponse(**{"return": _struct(found)})

    def Check(self, request: Any, _: Any) -> Any:  # noqa: N802
        instead = self._altered.get(request.urn.rpartition("::")[2], {})
        asked = {
            key: value for key, value in {**_plain(request.news), **instead}.items() if value is not None
        }
        return provider_pb2.CheckResponse(inputs=_struct(asked))

    def Diff(self, request: Any, _: Any) -> Any:  # noqa: N802
        before, after = _plain(request.old_inputs), _plain(request.news)
        differ = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        kinds = provider_pb2.DiffResponse
        return kinds(changes=kinds.DIFF_SOME if differ else kinds.DIFF_NONE, diffs=differ)

    def Create(self, request: Any, _: Any) -> Any:  # noqa: N802
        asked, name = _plain(request.properties), request.urn.rpartition("::")[2]
        found = answers.made(request.urn.split("::")[2].rpartition("$")[2], name, asked, self._partition)
        if request.preview:
            unknown = dict.fromkeys(found, UNKNOWN)
            return provider_pb2.CreateResponse(properties=_struct({**asked, **unknown}))
        self._reality.put(f"{name}-id", {"asked": asked, "found": found})
        return provider_pb2.CreateResponse(id=f"{name}-id", properties=_struct({**asked, **found}))

    def Read(self, request: Any, _: Any) -> Any:  # noqa: N802
        exists = self._reality.get(request.id)
        if exists is None:
            return provider_pb2.ReadResponse()
        whole = _struct({**exists["asked"], **exists["found"]})
        return provider_pb2.ReadResponse(id=request.id, properties=whole, inputs=_struct(exists["asked"]))

    def Update(self, request: Any, _: Any) -> Any:  # noqa: N802
        exists = self._reality.get(request.id) or {"found": {}}
        asked = _plain(request.news)
        if not request.preview:
            self._reality.put(request.id, {**exists, "asked": asked})
        return provider_pb2.UpdateResponse(properties=_struct({**asked, **exists["found"]}))

    def Delete(self, request: Any, _: Any) -> Any:  # noqa: N802
        self._reality.put(request.id, None)
        return Empty()

    def Cancel(self, _request: Any, _: Any) -> Any:  # noqa: N802
        return Empty()


def _plain(properties: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json_format.MessageToDict(properties)
    return plain


def _struct(properties: dict[str, Any]) -> Any:
    return json_format.ParseDict(properties, struct_pb2.Struct())


def install(folder: Path) -> None:
    """Put the program that the command will start into a folder."""
    root = Path(__file__).resolve().parents[3]
    program = folder / "pulumi-resource-aws"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" -u -m tests.stacks.eks.fakeaws "$@"\n'
    )
    program.chmod(0o700)


def main() -> None:
    reality = Reality(Path(os.environ[REALITY]))
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    altered = json.loads(os.environ.get(ALTERED, "{}"))
    provider = Provider(reality, os.environ.get(PARTITION, "aws"), altered)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # The command reads the port from the first line.
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
