"""What a target has to bring so that the shared program can build a platform on it.

A target is one module below `stacks/` with an `ENGINE` that satisfies `Engine`. The program, the
automation and the stages know nothing else about it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bootstrap import targets
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.model import Manifests, Plan
from bootstrap.progress import Reporter
from stacks.state import Recorded

if TYPE_CHECKING:
    import pulumi

    from stacks.credentials import Credentials

#: The name of the resource that stands for the cluster, whatever its type.
CLUSTER = "cluster"


@dataclass(frozen=True)
class Supply:
    """What earlier stages hand to the stack: images for the node, rendered manifests, a port.

    `manifests` are those of packages marked `bootstrap`, by package; `images` are the platform's, by
    reference, with their digests. `image_store` is the containerd
    store to clone; None where the node must do with the images inside its own image. An engine uses
    what concerns it: images, store, port and address are a local node's, region and account (which a
    platform keeps for life) and tags are a cloud's.
    """

    node_image: str = ""
    image_store: Path | None = None
    api_port: int = 6443
    listen_address: str = "127.0.0.1"
    manifests: Mapping[str, Manifests] = field(default_factory=dict)
    region: str = ""
    account: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a target stands, the facts that follow from that alone, and whose credentials say so.

    `state_bucket` is where its state has to lie; empty: in a folder of this machine.
    """

    region: str = ""
    account: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    state_bucket: str = ""


@dataclass(frozen=True)
class Cluster:
    """A provisioned cluster as the shared program sees it.

    `identity` changes exactly when everything inside the cluster is lost. `facts` are those that only
    the provisioned target knows (a database endpoint, a zone); they are exported as stack outputs.
    `objects` are manifests that the target itself wants in its cluster, such as its classes. `serving` is
    what brings the images where nodes find them: nothing that runs in a pod is applied before. `roots` are
    certificates that pods trust besides the instance's own authority, as PEM.
    """

    resource: pulumi.Resource
    kubeconfig: pulumi.Output[str]
    identity: pulumi.Output[str]
    facts: Mapping[str, pulumi.Input[Any]] = field(default_factory=dict)
    objects: tuple[Mapping[str, Any], ...] = ()
    serving: tuple[pulumi.Resource, ...] = ()
    roots: str = ""


class Preparation(Enum):
    """What must happen to the recorded state before the program runs."""

    NOTHING = "nothing"
    #: The cluster is gone: forget it and what was in it, keep generated secrets.
    REFRESH = "refresh"
    #: The user asked for a new cluster: destroy the old one with everything in it.
    RECREATE = "recreate"


class Engine(Protocol):
    """One target. `provision` runs inside the Pulumi program, the rest before and after it."""

    def locate(self, plan: Plan) -> Place:
        """Find out where the target is to stand. Refuses what it cannot work with, before anything runs."""
        ...

    def provision(self, plan: Plan, supply: Supply, credentials: Credentials) -> Cluster:
        """Declare the target's resources; `credentials` are those that packages and target share."""
        ...

    def policies(self, plan: Plan) -> Mapping[Path, Mapping[str, str]]:
        """Policy packs that must hold for this plan, each with the environment that it reads."""
        ...

    def prepare(
        self, plan: Plan, supply: Supply, recorded: Recorded, reporter: Reporter, recreate: bool
    ) -> Preparation:
        """Wake a cluster that sleeps and say what the state needs; refuse what would silently lose data.

        Raises IDP-P004 where the plan cannot be had without a new cluster and `recreate` is not set.
        """
        ...

    def nodes(self, name: str) -> list[str]:
        """Containers of this host that images can be imported into; none where nodes pull by themselves."""
        ...

    def access(self, name: str, recorded: Recorded) -> str | None:
        """A kubeconfig for the recorded cluster on any machine; None where there is none to be had."""
        ...

    def sweep(self, name: str, folder: Path) -> bool:
        """Remove what is certainly this instance's and still there, state or no state; True: that is all."""
        ...


def engine_for(target: str) -> Engine:
    """The engine of a target. Raises IDP-P001 for a target that has none."""
    if target not in targets.KINDS:
        raise IdpError(
            "IDP-P001",
            f"no engine can provision the target `{target}`",
            f"known targets: {', '.join(targets.KINDS)}",
            "idp up --local",
            exit_code=WRONG_USE,
        )
    engine: Engine = importlib.import_module(targets.KINDS[target].engine).ENGINE
    return engine
