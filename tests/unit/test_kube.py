"""The adapter to Kubernetes, as far as it can be tested without a cluster."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

#: Opens a cluster and then decodes what its API says in eight threads, all at the same moment.
EIGHT_THREADS = """
import sys, threading
from pathlib import Path
from bootstrap.kube import Cluster
from lightkube.core import decoders

sys.setswitchinterval(1e-6)
Cluster(Path(sys.argv[1]))
together = threading.Barrier(8)

def decode(number):
    together.wait()
    if number % 2:
        decoders.decode_status(b'{"metadata": {}, "details": {"name": "a"}, "code": 404}')
    else:
        decoders.decode_watch_event(b'{"type": "ADDED", "object": {}}')

threads = [threading.Thread(target=decode, args=(n,)) for n in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_read_at_once_do_not_end_the_process(tmp_path: Path) -> None:
    # msgspec 0.22 alone crashes in about every second of these processes.
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(_kubeconfig()))
    for _ in range(8):
        ended = subprocess.run([sys.executable, "-c", EIGHT_THREADS, str(kubeconfig)], check=False)
        assert ended.returncode == 0


def _kubeconfig() -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:9"}}],
        "users": [{"name": "a", "user": {}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    }
