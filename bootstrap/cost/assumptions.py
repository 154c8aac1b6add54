"""What no profile says and an estimate needs: the representative node, and how much is used. Not measured.

Quantities of use are for a month: low for a platform at which nobody works, high for one at work.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A figure between two bounds."""

    low: float
    high: float

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> Span:
        return Span(self.low * factor, self.high * factor)


@dataclass(frozen=True)
class Need:
    """Cores and GiB of memory."""

    cpus: float
    memory_gib: float


HOURS_PER_MONTH = 730

#: The node that stands for all that Auto Mode may choose, with 4 GiB per core as the profiles' limits have.
NODE_TYPE, NODE = "m7i.xlarge", Need(4, 16)
#: What a freshly started platform asks for: 2.01 GiB and 0.27 cores at rest (docs/benchmarks.md), and room
#: to start in.
IDLE = Need(1, 2)
#: What the system of every node and its pods keep for themselves. Assumed.
KEPT = Need(0.3, 1.5)
#: GiB of disk of a node where its class names none (EKS user guide, node class; from memory).
NODE_DISK_GIB = 80

#: GiB of volumes: Gitea's 10 GiB, then homes of workspaces.
VOLUMES_GIB = Span(10, 40)
#: GB of images: those of one bundle, then some releases of a team's own.
IMAGES_GB = Span(5, 20)
#: GB of models, artifacts and documentation.
OBJECTS_GB = Span(1, 100)
#: GB of logs of the control plane and of the database.
LOGS_GB = Span(2, 20)
#: GB that leave by NAT or an endpoint. Images come from S3 by a gateway endpoint, which is free.
WAY_OUT_GB = Span(5, 100)
#: GB to browsers.
OUT_GB = Span(1, 50)
#: Load balancer capacity units, on average over all hours.
LCU = Span(0.05, 1)
