"""Which tests share a process where `make test` runs them in two: those that share the platform do."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

SHARING = ("tests/e2e/", "tests/portal/")
CLOUD = "tests/cloud/"


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # a base without types
    """One process gets all tests of the platform, in their order; the other gets the rest, by file.

    Those of the cloud stay together: they share a platform elsewhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(SHARING):
            return "platform"
        return "cloud" if nodeid.startswith(CLOUD) else nodeid.partition("::")[0]
