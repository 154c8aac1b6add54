"""The kind target's decisions: node configuration, host quirks, names in DNS, what needs a new node."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from bootstrap import paths
from bootstrap.errors import IdpError
from stacks.kind import cluster, config, dns, engine, host
from tests.stacks.support import cases, plan, supply


@pytest.mark.parametrize("case", cases("kind_config.yaml"))
def test_cluster_configuration(case: dict[str, Any]) -> None:
    quirks = host.quirks(host.HostFacts(**case["facts"]))
    document = yaml.safe_load(config.cluster(config.NodeSettings(**case["settings"]), quirks))
    if patches := document.get("kubeadmConfigPatches"):
        document["kubeadmConfigPatches"] = [yaml.safe_load(patch) for patch in patches]
    assert document == case["expect"]


def test_every_mounted_file_is_written() -> None:
    quirks = host.quirks(host.HostFacts(cgroup=1, sys_resource=False))
    settings = config.NodeSettings("idp", "node", 8443, 6443, "/files")
    mounts = yaml.safe_load(config.cluster(settings, quirks))["nodes"][0]["extraMounts"]
    mounted = {m["hostPath"].removeprefix("/files/") for m in mounts if m["hostPath"] != "/files"}
    assert mounted == set(config.files(quirks))


@pytest.mark.parametrize("case", cases("host.yaml", "capabilities"))
def test_capabilities(case: dict[str, Any]) -> None:
    assert host.may_raise_limits(case["lines"]) is case["may"]


@pytest.mark.parametrize("case", cases("host.yaml", "quirks"))
def test_quirks(case: dict[str, Any]) -> None:
    found = host.quirks(host.HostFacts(**case["facts"]))
    assert dict(found.kubelet) == case["kubelet"]
    assert dict(found.kube_proxy) == case["kube_proxy"]
    assert bool(found.containerd) is case["containerd"]
    assert [unit for unit, _ in found.dropins] == case["dropins"]


COREFILE = ".:53 {\n    errors\n    forward . /etc/resolv.conf\n}\n"


def test_platform_names_lead_to_the_gateway() -> None:
    taught = dns.with_rewrite(COREFILE, "idp.localhost")
    lines = taught.splitlines()
    assert lines[2].strip() == (
        r"rewrite name regex (.*\.)?idp\.localhost\.? gateway.gateway.svc.cluster.local answer auto"
    )
    assert lines[0] == ".:53 {"
    assert "forward" in taught


def test_teaching_twice_changes_nothing_and_a_new_domain_replaces_the_old() -> None:
    taught = dns.with_rewrite(COREFILE, "idp.localhost")
    assert dns.with_rewrite(taught, "idp.localhost") == taught
    assert "idp" not in dns.with_rewrite(taught, "other.localhost").replace("# idp:", "")


def test_a_file_that_is_no_corefile_is_left_alone() -> None:
    assert dns.with_rewrite("nonsense", "idp.localhost") == "nonsense"


def test_ports_need_a_new_node_and_images_do_not() -> None:
    before = {**engine.inputs(plan(), supply()), "https_port": 8443.0, "api_port": 6443.0}
    same = engine.inputs(plan(), supply(node_image="newer"))
    moved = engine.inputs(plan(https_port=9443), supply())
    assert engine.changes(before, same) == []
    assert engine.changes(before, moved) == ["https_port: 8443 -> 9443"]


def test_diff_replaces_only_for_what_a_node_keeps_for_life() -> None:
    provider = cluster.KindClusterProvider()
    before = engine.inputs(plan(), supply())
    newer = provider.diff("idp", before, engine.inputs(plan(), supply(node_image="newer")))
    moved = provider.diff("idp", before, engine.inputs(plan(https_port=9443), supply()))
    assert (newer.changes, newer.replaces) == (False, [])
    assert (moved.changes, moved.replaces) == (True, ["https_port"])
    assert moved.delete_before_replace


def test_only_a_node_that_mounts_our_folder_is_ours() -> None:
    folder = paths.instance("idp")
    files = cluster.files_of(folder)
    assert cluster.is_ours({"Mounts": [{"Source": str(files)}]}, files)
    assert not cluster.is_ours({"Mounts": [{"Source": "/elsewhere/node"}]}, files)


@pytest.mark.parametrize("case", cases("trouble.yaml"))
def test_trouble_with_the_cluster_names_the_way_out(case: dict[str, Any]) -> None:
    found = cluster.trouble("idp", IdpError("IDP-X002", "`kind create cluster` failed", case["said"]))
    assert (found.code, found.what) == (case["code"], case["what"])
