"""The shared program on the cloud: what the target wants in its cluster gets there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest

from stacks import program
from stacks.eks.engine import ENGINE
from tests.stacks.eks.support import Answers, Monitor, plan, profile, resource, supply
from tests.stacks.support import fresh_event_loop


def test_the_classes_and_pools_are_in_the_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    wanted, given = plan(profile("production")), supply("eu-central-1")
    program.write_manifests(wanted, given)
    monitor = Monitor("aws")
    fresh_event_loop()
    pulumi.runtime.set_mocks(Answers("aws"), project="idp", stack="idp", monitor=monitor)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run() -> None:
        program.declare(wanted, given, ENGINE)

    run()
    found = {name: resource(name, request) for name, request in monitor.requests.items()}
    expected: dict[str, Any] = {
        "gatewayclass/eks-alb": "kubernetes:gateway.networking.k8s.io/v1:GatewayClass",
        "storageclass/eks-ebs": "kubernetes:storage.k8s.io/v1:StorageClass",
        "nodepool/idp": "kubernetes:karpenter.sh/v1:NodePool",
        "nodepool/idp-gpu": "kubernetes:karpenter.sh/v1:NodePool",
    }
    assert {name: found[name].type for name in expected} == expected
    assert found["storageclass/eks-ebs"].inputs["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert found["nodepool/idp-gpu"].inputs["spec"]["limits"] == {"nvidia.com/gpu": "2"}
    file = tmp_path / "instances" / "idp" / "kubeconfig"
    assert oct(file.stat().st_mode)[-3:] == "600"
