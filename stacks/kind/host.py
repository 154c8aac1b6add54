"""What a Kubernetes node needs on hosts that lack something; nothing on an ordinary one.

`detect` looks, `quirks` decides. Only facts lead to quirks, never the name of a host or a user.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stacks.kind import container

#: Bit of CAP_SYS_RESOURCE in a capability mask, from linux/capability.h.
_SYS_RESOURCE = 24


@dataclass(frozen=True)
class HostFacts:
    """What decides how a node must be configured."""

    cgroup: int = 2
    #: May a privileged container raise limits and lower OOM scores (CAP_SYS_RESOURCE)?
    sys_resource: bool = True


@dataclass(frozen=True)
class Quirks:
    """Extra configuration for one node; every part is empty on an ordinary host.

    `kubelet` and `kube_proxy` are merged into kubeadm's component configurations, `containerd` is a
    TOML patch, `dropins` maps a systemd unit to the text of a drop-in.
    """

    kubelet: tuple[tuple[str, Any], ...] = ()
    kube_proxy: tuple[tuple[str, Any], ...] = ()
    containerd: str = ""
    dropins: tuple[tuple[str, str], ...] = ()


def quirks(facts: HostFacts) -> Quirks:
    """The configuration that makes up for what the host lacks."""
    kubelet: dict[str, Any] = {}
    kube_proxy: dict[str, Any] = {}
    containerd = ""
    dropins: dict[str, str] = {}
    if facts.cgroup == 1:
        # Kubernetes 1.35 and newer refuse cgroup v1 unless told otherwise.
        kubelet["failCgroupV1"] = False
    if not facts.sys_resource:
        # Without the capability nothing can have its OOM score lowered or its limits raised.
        kubelet["oomScoreAdj"] = 0
        kube_proxy |= {"oomScoreAdj": 0, "conntrack": {"maxPerCore": 0}}
        containerd = '[plugins."io.containerd.grpc.v1.cri"]\n  restrict_oom_score_adj = true\n'
        dropins["containerd.service"] = "[Service]\n" + "".join(
            f"{setting}=\n" for setting in ("LimitNOFILE", "LimitNPROC", "LimitCORE", "OOMScoreAdjust")
        )
    return Quirks(tuple(kubelet.items()), tuple(kube_proxy.items()), containerd, tuple(dropins.items()))


def detect() -> HostFacts:
    """Ask the engine, and where it runs on this kernel also the kernel, what containers may do."""
    info = json.loads(container.info())
    return HostFacts(
        cgroup=2 if str(info.get("CgroupVersion", "2")) == "2" else 1,
        sys_resource=_may_raise_limits(Path("/proc/self/status")),
    )


def _may_raise_limits(status: Path) -> bool:
    """Is CAP_SYS_RESOURCE in the bounding set, which a local engine cannot exceed?

    Anywhere but on Linux the engine runs in a virtual machine of its own, whose root lacks nothing.
    """
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return True
    return may_raise_limits(lines)


def may_raise_limits(status: list[str]) -> bool:
    """The answer in the lines of a /proc/PID/status file."""
    masks = [line.split()[1] for line in status if line.startswith("CapBnd:")]
    return not masks or bool(int(masks[0], 16) >> _SYS_RESOURCE & 1)
