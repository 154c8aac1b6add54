"""Waiting for the gateway's address, against an API over HTTP that says what a cluster would say."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.cloud import address
from bootstrap.errors import IdpError
from bootstrap.kube import Cluster
from bootstrap.progress import Event, Progress
from tests.unit.apiserver import kubeconfig

GROUP = "/apis/gateway.networking.k8s.io/v1"
HOST = "k8s-gateway-abc.eu-central-1.elb.amazonaws.com"


def gateway(*addresses: str, name: str = "platform") -> dict[str, Any]:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": name, "namespace": "gateway", "resourceVersion": "1"},
        "status": {"addresses": [{"type": "Hostname", "value": value} for value in addresses]},
    }


@contextmanager
def serving(
    folder: Path, listed: list[dict[str, Any]], events: list[tuple[str, dict[str, Any]]]
) -> Iterator[Cluster]:
    """A cluster with the listed Gateways, to which the events happen once somebody watches."""
    kinds = [{"name": "gateways", "kind": "Gateway", "namespaced": True}]
    pending = [{"type": kind, "object": changed} for kind, changed in events]

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            answers: list[Any] = [{"resources": kinds}]
            if path == f"{GROUP}/namespaces/gateway/gateways":
                answers = [{"metadata": {"resourceVersion": "1"}, "items": listed}]
                if "watch=true" in query:
                    answers, pending[:] = list(pending), []
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            for answer in answers:
                self.wfile.write(json.dumps(answer).encode() + b"\n")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        file = folder / "kubeconfig"
        file.write_text(yaml.safe_dump(kubeconfig(f"http://127.0.0.1:{server.server_port}")))
        try:
            with Cluster(file) as cluster:
                yield cluster
        finally:
            server.shutdown()


def awaited(cluster: Cluster, timeout: float = 30) -> tuple[str, list[str]]:
    """The address, and what was said meanwhile."""
    events: list[Event] = []
    found = address.await_gateway(cluster, Progress(events.append), timeout)
    return found, [event.text for event in events if event.kind == "note"]


def test_an_address_that_is_there_is_taken_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, [gateway("192.0.2.1", name="other"), gateway(HOST)], []) as cluster:
        found, said = awaited(cluster, 900)
    assert found == HOST
    assert said == ["a load balancer takes some minutes; waiting for 15 at most", HOST]


@pytest.mark.parametrize(
    ("listed", "event", "missing"),
    [
        ([], "ADDED", "waiting for the Gateway `platform`"),
        ([gateway()], "MODIFIED", "waiting for an address of the Gateway `platform`"),
    ],
    ids=["no gateway", "no address"],
)
def test_it_says_what_it_waits_for(
    listed: list[dict[str, Any]], event: str, missing: str, tmp_path: Path
) -> None:
    with serving(tmp_path, listed, [(event, gateway(HOST))]) as cluster:
        found, said = awaited(cluster)
    assert found == HOST
    assert said[1:] == [missing, HOST]


def test_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    with serving(tmp_path, [gateway()], []) as cluster, pytest.raises(IdpError) as raised:
        awaited(cluster, 0.5)
    assert raised.value.code == "IDP-K003"
    assert raised.value.faults == ["an address of the Gateway `platform`"]
