"""A Kubernetes API as small as the adapter needs it: objects in a dictionary, over real HTTP.

It finishes a deletion as controllers do: an object that is asked to go stays for some looks at its kind,
and for ever where its finalizer's controller is said to be broken.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

#: Kind -> plural, namespaced; by API version.
KINDS = {
    "v1": {
        "Namespace": ("namespaces", False),
        "Service": ("services", True),
        "Pod": ("pods", True),
        "PersistentVolumeClaim": ("persistentvolumeclaims", True),
        "PersistentVolume": ("persistentvolumes", False),
    },
    "apps/v1": {
        "Deployment": ("deployments", True),
        "ReplicaSet": ("replicasets", True),
        "StatefulSet": ("statefulsets", True),
    },
    "networking.k8s.io/v1": {"Ingress": ("ingresses", True)},
    "gateway.networking.k8s.io/v1": {"Gateway": ("gateways", True)},
    "argoproj.io/v1alpha1": {"Workflow": ("workflows", True)},
}
BROKEN = "test.idp.dev/broken"
Key = tuple[str, str, str]


class Api:
    """The objects, by plural, namespace and name, and what was asked in its order."""

    def __init__(self, *objects: dict[str, Any], unknown: tuple[str, ...] = ()) -> None:
        self.kinds = {version: kinds for version, kinds in KINDS.items() if version not in unknown}
        self.objects: dict[Key, dict[str, Any]] = {}
        self.deleted: list[str] = []
        self.looks: dict[Key, int] = {}
        self.silent = False
        self.lock = threading.RLock()
        for found in objects:
            plural, _ = KINDS[found["apiVersion"]][found["kind"]]
            metadata = found["metadata"]
            self.objects[plural, metadata.get("namespace", ""), metadata["name"]] = found

    def names(self, plural: str) -> list[str]:
        return sorted(name for kind, _, name in self.objects if kind == plural)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        with self.lock:
            root, _, rest = path.strip("/").partition("/")
            version, _, rest = rest.partition("/")
            if root == "apis":
                group, version, rest = version, *rest.partition("/")[::2]
                version = f"{group}/{version}"
            if version not in self.kinds:
                return 404, _status(404, path)
            if not rest:
                return 200, {"resources": [_described(k, *v) for k, v in self.kinds[version].items()]}
            return self._objects(method, version, rest.split("/"), body)

    def _objects(self, method: str, version: str, parts: list[str], body: Any) -> tuple[int, Any]:
        namespace = ""
        if parts[0] == "namespaces" and len(parts) > 2:
            namespace, parts = parts[1], parts[2:]
        plural = parts[0]
        kind = next((k for k, (p, _) in self.kinds[version].items() if p == plural), "")
        if len(parts) == 1:
            self._look(plural)
            items = [o for (p, n, _), o in self.objects.items() if p == plural and namespace in ("", n)]
            return 200, {
                "apiVersion": version,
                "kind": f"{kind}List",
                "metadata": {"resourceVersion": "1"},
                "items": items,
            }
        key = (plural, namespace, parts[1])
        if key not in self.objects:
            return 404, _status(404, parts[1])
        if method == "PATCH":
            _merge(self.objects[key], body)
        elif method == "DELETE":
            self.deleted.append("/".join(filter(None, key)))
            self.objects[key]["metadata"]["deletionTimestamp"] = "2026-11-24T00:00:00Z"
            self.looks[key] = 4
            self._in_turn(key)
        return 200, self.objects.get(key, {"metadata": {"name": parts[1]}})

    def _in_turn(self, key: Key) -> None:
        """Without anything that holds it, an object is gone at once."""
        if not self.objects[key]["metadata"].get("finalizers"):
            self._drop(key)

    def _look(self, plural: str) -> None:
        for key in [k for k in self.looks if k[0] == plural and k in self.objects]:
            finalizers = self.objects[key]["metadata"].get("finalizers", [])
            used = plural == "persistentvolumeclaims" and self._used(key)
            self.looks[key] -= 1
            if self.looks[key] <= 0 and BROKEN not in finalizers and not used:
                self._drop(key)

    def _used(self, claim: Key) -> bool:
        pods = [o for (p, n, _), o in self.objects.items() if p == "pods" and n == claim[1]]
        volumes = [v for pod in pods for v in pod["spec"].get("volumes", ())]
        return any(v.get("persistentVolumeClaim", {}).get("claimName") == claim[2] for v in volumes)

    def _drop(self, key: Key) -> None:
        """With a claim goes its volume, if it may; a set that makes claims makes them anew."""
        del self.objects[key]
        self.looks.pop(key, None)
        if key[0] == "persistentvolumeclaims":
            for found, volume in list(self.objects.items()):
                reference = volume["spec"].get("claimRef", {}) if found[0] == "persistentvolumes" else {}
                if (reference.get("namespace"), reference.get("name")) == key[1:]:
                    volume["status"] = {"phase": "Released"}
                    if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
                        self.looks[found] = 2
            self._claim_anew(key)

    def _claim_anew(self, claim: Key) -> None:
        for (plural, namespace, name), found in list(self.objects.items()):
            made = found["spec"].get("volumeClaimTemplates") if plural == "statefulsets" else None
            if made and namespace == claim[1] and claim[2] == f"data-{name}-0":
                self.objects[claim] = of("v1/PersistentVolumeClaim", claim[2], namespace)

    @contextmanager
    def serving(self, folder: Path) -> Iterator[Path]:
        """The kubeconfig that leads to it."""
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"null") if length else None
                asked = urlsplit(self.path)
                if api.silent:
                    self.close_connection = True
                    return
                if "watch=" in asked.query:
                    code, answer = 410, _status(410, "such version any more")  # the reader lists again
                else:
                    code, answer = api.answer(self.command, asked.path, body)
                text = json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PATCH = do_DELETE = respond  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            file = folder / "kubeconfig"
            file.write_text(yaml.safe_dump(kubeconfig(f"http://127.0.0.1:{server.server_port}")))
            yield file
        finally:
            server.shutdown()
            server.server_close()


def of(kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    """An object; `finalizers`, `labels`, `annotations` and `owners` go to its metadata, the rest is spec."""
    version, _, short = kind.rpartition("/")
    metadata: dict[str, Any] = {"name": name, **({"namespace": namespace} if namespace else {})}
    for key in ("finalizers", "labels", "annotations", "ownerReferences"):
        if key in more:
            metadata[key] = more.pop(key)
    status = {"status": more.pop("status")} if "status" in more else {}
    return {"apiVersion": version, "kind": short, "metadata": metadata, "spec": more, **status}


def kubeconfig(server: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": server}}],
        "users": [{"name": "a", "user": {}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    }


def _merge(into: dict[str, Any], change: dict[str, Any]) -> None:
    for key, value in change.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict):
            _merge(into.setdefault(key, {}), value)
        else:
            into[key] = value


def _described(kind: str, plural: str, namespaced: bool) -> dict[str, Any]:
    return {"kind": kind, "name": plural, "namespaced": namespaced}


def _status(code: int, what: str) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "code": code, "message": f"no {what}"}
