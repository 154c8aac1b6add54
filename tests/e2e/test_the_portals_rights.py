"""What the portal's own account may do in the cluster, whatever the portal asks for: the cluster decides."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.e2e.life import MODEL, SERVICE, Life

pytestmark = pytest.mark.cluster

ACCOUNT = "system:serviceaccount:backstage:backstage"
TEMPLATE = {"workflowTemplateRef": {"name": MODEL}, "serviceAccountName": "pipeline"}
SHELL = {"name": "main", "container": {"image": "any", "command": ["sh"]}}

RUNS: list[tuple[str, str, dict[str, Any], str]] = [
    ("a run of what was delivered", f"ml-{MODEL}", TEMPLATE, ""),
    ("a run beside the platform", "gitea", TEMPLATE, "in the namespaces of golden paths only"),
    ("a run of its own", f"ml-{MODEL}", {**TEMPLATE, "templates": [SHELL]}, "nothing of its own"),
    ("a run without a template", f"ml-{MODEL}", {"serviceAccountName": "pipeline"}, "nothing of its own"),
    ("another account", f"ml-{MODEL}", {**TEMPLATE, "serviceAccountName": "default"}, "every pipeline"),
    ("other pods by default", f"ml-{MODEL}", {**TEMPLATE, "templateDefaults": SHELL}, "nothing of its own"),
    ("the host's network", f"ml-{MODEL}", {**TEMPLATE, "hostNetwork": True}, "nothing of its own"),
    ("changed pods", f"ml-{MODEL}", {**TEMPLATE, "podSpecPatch": "{}"}, "nothing of its own"),
]
CHANGES: list[tuple[str, dict[str, Any], str]] = [
    ("a fresh look", {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}, ""),
    ("another commit", {"spec": {"source": {"targetRevision": "v1"}}}, "changes nothing but through Git"),
    ("another label", {"metadata": {"labels": {"a": "b"}}}, "changes no metadata beside it"),
    ("no finalizer", {"metadata": {"finalizers": None}}, "changes no metadata beside it"),
    ("another annotation", {"metadata": {"annotations": {"a": "b"}}}, "changes no other annotation"),
    ("a sync of its own", {"operation": {"sync": {"revision": "v1"}}}, "changes nothing but through Git"),
]


@pytest.mark.parametrize(("namespace", "spec", "refusal"), [c[1:] for c in RUNS], ids=[c[0] for c in RUNS])
def test_it_starts_only_delivered_pipelines(
    life: Life, namespace: str, spec: dict[str, Any], refusal: str
) -> None:
    run = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": "try-", "namespace": namespace},
        "spec": spec,
    }
    judged(life, "create", "-f", "-", given=json.dumps(run), refusal=refusal)


@pytest.mark.parametrize(("change", "refusal"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_it_asks_for_a_look_and_changes_nothing(life: Life, change: dict[str, Any], refusal: str) -> None:
    what = ("patch", "application", SERVICE, "-n", "argocd", "--type=merge", "-p", json.dumps(change))
    judged(life, *what, refusal=refusal)


@pytest.mark.parametrize("what", ["secrets", "configmaps", "pods/exec", "serviceaccounts/token"])
def test_it_reads_no_secrets_and_enters_no_pod(life: Life, what: str) -> None:
    verb = "get" if "/" not in what else "create"
    judged(life, "auth", "can-i", verb, what, "--all-namespaces", refusal="no", dry=False)


def judged(life: Life, *arguments: str, given: str = "", refusal: str = "", dry: bool = True) -> None:
    """What the API server says to the portal's account; nothing is changed."""
    within = ["docker", "exec", "-i", f"{life.platform.name}-control-plane", "kubectl"]
    line = [*within, "--kubeconfig", "/etc/kubernetes/admin.conf", f"--as={ACCOUNT}", *arguments]
    done = subprocess.run(
        [*line, "--dry-run=server"] if dry else line,
        input=given, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode == 0) == (not refusal), done.stderr or done.stdout
    assert refusal in done.stderr + done.stdout
