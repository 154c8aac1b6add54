"""What a target has to bring so that the shared program can build a platform on it.

A target is one module below `stacks/` with an `ENGINE` that satisfies `Engine`. The program, the
automation and the stages know nothing else about it.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap import render, targets
from bootstrap.cloud import tags
from bootstrap.cloud.iam.guard import Guard
from bootstrap.cloud.kept import Kept
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.finding import Finding
from bootstrap.instance import Instance
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
    platform keeps for life), tags and guard (who administers it, and what its roles cannot exceed) are a
    cloud's. `kept` is data of an earlier life to begin with.
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
    #: Names of all custom resource definitions that the packages bring.
    definitions: tuple[str, ...] = ()
    #: Credentials of services that the user runs, by id; in no log, and encrypted in the state.
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    kept: Kept = field(default_factory=Kept)
    guard: Guard = field(default_factory=Guard)


@dataclass(frozen=True)
class Place:
    """Where a target stands, the facts that follow from that alone, and whose credentials say so.

    `state_bucket` is where the state lies for all who share the platform; empty: on this machine.
    """

    region: str = ""
    account: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    state_bucket: str = ""
    guard: Guard = field(default_factory=Guard)


def supply(
    plan: Plan,
    place: Place,
    manifests: Mapping[str, Manifests],
    images: Mapping[str, str],
    life: tuple[str, str],
    *,
    node_image: str,
    image_store: Path | None,
    api_port: int,
    given: Mapping[str, str] | None = None,
) -> Supply:
    """What a run hands to the stack, whether it is the real one or a preview of it.

    `life` is who began the platform and when it ends: tags that must not change with who works on it.
    """
    return Supply(
        node_image,
        image_store,
        api_port,
        manifests=render.first(plan, manifests),
        region=place.region,
        account=place.account,
        tags=tags.of(plan, *life),
        images=images,
        definitions=render.definitions(manifests),
        given=given or {},
        guard=place.guard,
    )


@dataclass(frozen=True)
class Cluster:
    """A provisioned cluster as the shared program sees it.

    `identity` changes exactly when everything inside the cluster is lost. `facts` are those that only
    the provisioned target knows (a database endpoint, a zone); they are exported as stack outputs.
    `objects` are manifests that the target itself wants in its cluster, such as its classes. `serving` is
    what brings the images where nodes find them: nothing that runs in a pod is applied before. `roots` are
    certificates that pods trust besides the instance's own authority, as PEM. `vanishes` says whether the
    cluster goes with the stack, and all that is in it; from one that stays, objects are deleted one by one.
    """

    resource: pulumi.Resource
    kubeconfig: pulumi.Output[str]
    identity: pulumi.Output[str]
    facts: Mapping[str, pulumi.Input[Any]] = field(default_factory=dict)
    objects: tuple[Mapping[str, Any], ...] = ()
    serving: tuple[pulumi.Resource, ...] = ()
    roots: str = ""
    vanishes: bool = True

    @property
    def owner(self) -> pulumi.Resource | None:
        """With what objects inside the cluster are deleted."""
        return self.resource if self.vanishes else None


class Preparation(Enum):
    """What must happen to the recorded state before the program runs."""

    NOTHING = "nothing"
    #: The cluster is gone: forget it and what was in it, keep generated secrets.
    REFRESH = "refresh"
    #: The user asked for a new cluster: destroy the old one with everything in it.
    RECREATE = "recreate"


class Engine(ABC):
    """One target. `provision` runs inside the Pulumi program, the rest before and after it.

    What a target has no part in, it leaves as it is here.
    """

    @abstractmethod
    def locate(self, plan: Plan) -> Place:
        """Find out where the target is to stand. Refuses what it cannot work with, before anything runs."""

    def check(self, plan: Plan, place: Place, known: bool) -> tuple[Finding, ...]:
        """What is in the way of the platform where it is to stand; `known`: an earlier run began there."""
        return ()

    @abstractmethod
    def provision(self, plan: Plan, supply: Supply, credentials: Credentials) -> Cluster:
        """Declare the target's resources; `credentials` are those that packages and target share."""

    def policies(self, plan: Plan) -> Mapping[Path, Mapping[str, str]]:
        """Policy packs that must hold for this plan, each with the environment that it reads."""
        return {}

    @abstractmethod
    def prepare(
        self, plan: Plan, supply: Supply, recorded: Recorded, reporter: Reporter, recreate: bool
    ) -> Preparation:
        """Wake a cluster that sleeps and say what the state needs; refuse what would silently lose data.

        Raises IDP-P004 where the plan cannot be had without a new cluster and `recreate` is not set.
        """

    def restorable(self, plan: Plan, supply: Supply, recorded: Recorded) -> Kept:
        """Data that was kept when a platform of this name was removed, and that is not there already."""
        return Kept()

    def reach(self, plan: Plan, place: Place, reporter: Reporter) -> bool:
        """Lead the platform's names to its gateway, as far as that is this engine's; True: that was new."""
        return False

    def restored(self, name: str, region: str, reporter: Reporter) -> None:
        """The platform works: let go of what was kept for it."""
        return None

    def relinquish(self, known: Instance, recorded: Recorded, reporter: Reporter, delete_data: bool) -> None:
        """Before the destroy: keep the data or delete it, and remove what the stack itself did not make."""
        return None

    def leftovers(self, name: str, region: str, recorded: Recorded) -> Sequence[str]:
        """What should be gone after the destroy and is not, in words; what is `recorded` is known to stay."""
        return ()

    #: Does data outlive the cluster unless it is to be deleted?
    keeps_data = False

    def nodes(self, name: str) -> list[str]:
        """Containers of this host that images can be imported into; none where nodes pull by themselves."""
        return []

    def access(self, name: str, recorded: Recorded) -> str | None:
        """A kubeconfig for the recorded cluster on any machine; None where there is none to be had."""
        return None

    def sweep(self, name: str, folder: Path) -> bool:
        """Remove what is certainly this instance's and still there, state or no state; True: that is all."""
        return False


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
