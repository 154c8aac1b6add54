"""Let a run that waits for approval go on, or end those that nobody needs any more.

    python approve.py FILE               approve the run whose plan has the fingerprint in FILE
    python approve.py --supersede RUN    end runs other than RUN that still wait
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import settings
from cluster import Cluster, InCluster

NOT_WAITING = 5
_PATIENCE_SECONDS, _PAUSE_SECONDS = 180.0, 5.0


def waiting(cluster: Cluster, namespace: str) -> Iterator[tuple[str, str, str]]:
    """Run, node and fingerprint of every plan that waits for approval."""
    for run in (cluster.get(_runs(namespace)) or {}).get("items", []):
        for node in ((run.get("status") or {}).get("nodes") or {}).values():
            if node.get("type") == "Suspend" and node.get("phase") == "Running":
                given = {p["name"]: p.get("value", "") for p in (node.get("inputs") or {}).get("parameters", [])}
                yield run["metadata"]["name"], node["id"], given.get("fingerprint", "")


def approve(cluster: Cluster, namespace: str, fingerprint: str) -> str:
    """Let the run with that plan go on; returns its name, or nothing where none waits with it."""
    for run, node, found in waiting(cluster, namespace):
        if found == fingerprint:
            now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            done = {"phase": "Succeeded", "finishedAt": now, "message": f"approved {fingerprint}"}
            cluster.merge(f"{_runs(namespace)}/{run}", {"status": {"nodes": {node: done}}})
            return run
    return ""


def supersede(cluster: Cluster, namespace: str, newest: str) -> list[str]:
    """End runs that wait for approval of what the newest one plans anew; returns their names."""
    old = sorted({run for run, _, _ in waiting(cluster, namespace) if run != newest})
    for run in old:
        cluster.merge(f"{_runs(namespace)}/{run}", {"spec": {"shutdown": "Terminate"}})
    return old


def main(arguments: list[str] | None = None, cluster: Cluster | None = None) -> int:
    parser = argparse.ArgumentParser(description="Approve what a run would do.")
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--supersede", default="", metavar="RUN")
    options = parser.parse_args(arguments)
    chosen, cluster = settings.load(), cluster or InCluster()
    if options.supersede:
        for run in supersede(cluster, chosen.namespace, options.supersede):
            print(f"ended {run}, which waited for an approval that is not needed any more")
        return 0
    fingerprint = str(tomllib.loads(options.file.read_text())["approved"])
    if not fingerprint:
        print("nothing is approved")
        return 0
    ends = time.monotonic() + _PATIENCE_SECONDS
    while True:
        if run := approve(cluster, chosen.namespace, fingerprint):
            print(f"{run} goes on: {fingerprint} is approved")
            return 0
        if time.monotonic() > ends:
            break
        time.sleep(_PAUSE_SECONDS)
    print(f"no run waits for the approval of {fingerprint}; the log of its preview says which one", file=sys.stderr)
    return NOT_WAITING


def _runs(namespace: str) -> str:
    return f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/workflows"


if __name__ == "__main__":
    sys.exit(main())
