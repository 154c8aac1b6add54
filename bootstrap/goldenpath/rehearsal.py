"""Golden paths on a running platform: filled in as a user would, waited for, and removed without a trace."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bootstrap import access, kube, portal, tree, why
from bootstrap.errors import IdpError
from bootstrap.gitea import Gitea
from bootstrap.goldenpath.path import GoldenPath
from bootstrap.kube import Cluster
from bootstrap.model import Plan
from bootstrap.portal import PortalClient
from bootstrap.progress import Reporter, Step

USER = "data-scientist"
#: Seconds: for the steps of a template, for what it deploys, for its entities to come and to go.
SCAFFOLDED, HEALTHY, APPEARED, GONE = 300.0, 600.0, 120.0, 240.0
#: Seconds after which an Application that Git names no more is deleted by hand.
PATIENCE = 60.0
_LONGEST = 40


@dataclass(frozen=True)
class Made:
    """What one run of a golden path makes on the platform, known before it runs."""

    repositories: tuple[tuple[str, str], ...]
    applications: tuple[str, ...]
    namespaces: tuple[str, ...]


def made(path: GoldenPath, values: Mapping[str, Any]) -> Made:
    """Read from the steps of the template. Pure."""
    urls = [str(given["repoUrl"]) for given in path.inputs(values, "publish:gitea")]
    queries = [dict(part.split("=", 1) for part in url.partition("?")[2].split("&")) for url in urls]
    deployed = list(path.inputs(values, "idp:deploy"))
    spaces = [str(g.get("namespace") or str(g.get("repository")).replace("/", "-")) for g in deployed]
    return Made(
        tuple((query["owner"], query["repo"]) for query in queries),
        tuple(str(given["name"]) for given in deployed),
        tuple(space for space in spaces if space.startswith("ml-")),
    )


def values_for(path: GoldenPath, example: Mapping[str, Any]) -> dict[str, Any]:
    """The example under a name that nobody has."""
    name = f"{str(example['name'])[: _LONGEST - 7].rstrip('-')}-{secrets.token_hex(3)}"
    return {**example, "name": name}


@dataclass
class Stage:
    """A platform on which golden paths are played; `leaving` are entities that must disappear yet."""

    plan: Plan
    cluster: Cluster
    git: Gitea
    portal: PortalClient
    leaving: list[str] = field(default_factory=list)

    def differs(self, path: GoldenPath) -> str:
        """How the platform's version of a golden path differs from this one; empty where it does not."""
        here = {f"{path.name}/{name}": tree.blob(content) for name, content in path.files.items()}
        there = self.git.files("idp", "templates")
        there = {name: blob for name, blob in there.items() if name.startswith(f"{path.name}/")}
        if not there:
            return "the platform does not offer it"
        changed = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
        return f"the platform has another version of {', '.join(changed[:3])}" if changed else ""

    def play(
        self, path: GoldenPath, values: Mapping[str, Any], entities: Sequence[Mapping[str, Any]], step: Step
    ) -> list[str]:
        """Run the template and wait until all of it works; returns what does not."""
        try:
            self._scaffold(path, values, step)
            for application in made(path, values).applications:
                self._wait_until_healthy(application, step)
            return self._missing(entities, step)
        except IdpError as error:
            return [": ".join(part for part in (error.what, error.why, *error.faults) if part)]

    def remove(
        self, path: GoldenPath, values: Mapping[str, Any], entities: Sequence[Mapping[str, Any]], step: Step
    ) -> list[str]:
        """Take back everything that a run has made; what stays behind is a fault."""
        things = made(path, values)
        try:
            for name in things.applications:
                if self.git.delete_file("idp", "deployments", f"{name}.yaml", f"Remove {name} after a test"):
                    ask = {"argocd.argoproj.io/refresh": "normal"}
                    self.cluster.annotate(kube.APPLICATION, "deployments", "argocd", ask)
            self._let_go(things.applications, step)
            for namespace in things.namespaces:
                self.cluster.delete("v1/Namespace", namespace)
            self._wait_until_gone("v1/Namespace", things.namespaces, None, step)
            for owner, name in things.repositories:
                self.git.delete_repo(owner, name)
            self.leaving += [portal.ref(dict(entity)) for entity in entities]
        except IdpError as error:
            what = ", ".join([*things.applications, *(f"{o}/{n}" for o, n in things.repositories)])
            return [f"could not remove {what}: {error.what}: {error.why or ', '.join(error.faults)}"]
        return []

    def forgotten(self, step: Step) -> list[str]:
        """Wait until the catalogue has let go of all removed entities; returns those that stay."""
        if not self.leaving:
            return []
        step.note(f"{len(self.leaving)} entities leave the catalogue with its next look at Git")
        left = self._until(lambda: [r for r in self.leaving if self.portal.entity(r)], GONE)
        return [f"{reference} is still in the catalogue" for reference in left]

    def _scaffold(self, path: GoldenPath, values: Mapping[str, Any], step: Step) -> None:
        task = self.portal.scaffold(f"template:default/{path.name}", values, timeout=SCAFFOLDED)
        if task["status"] != "completed":
            lines = [line for line in task["log"].splitlines() if line.strip()]
            raise IdpError("IDP-R004", f"the template {task['status']}", " | ".join(lines[-3:]))
        step.note(f"repository and entities of {values['name']} are there")

    def _wait_until_healthy(self, name: str, step: Step) -> None:
        def missing(found: Sequence[Mapping[str, Any]]) -> Sequence[str]:
            mine = next((o for o in found if o["metadata"]["name"] == name), None)
            return ([text] if (text := why.complaint(mine)) else []) if mine else [f"{name} is not there yet"]

        self.cluster.wait_for(kube.APPLICATION, missing, step.note, HEALTHY, namespace="argocd")

    def _let_go(self, applications: Sequence[str], step: Step) -> None:
        """Argo CD removes what Git names no more, but not while it still waits for it to become healthy."""
        try:
            self._wait_until_gone(kube.APPLICATION, applications, "argocd", step, PATIENCE)
        except IdpError as error:
            if error.code != "IDP-K003":
                raise
            for name in applications:
                self.cluster.delete(kube.APPLICATION, name, "argocd")
            self._wait_until_gone(kube.APPLICATION, applications, "argocd", step)

    def _wait_until_gone(
        self, kind: str, names: Sequence[str], namespace: str | None, step: Step, seconds: float = GONE
    ) -> None:
        def left(found: Sequence[Mapping[str, Any]]) -> Sequence[str]:
            here = {o["metadata"]["name"] for o in found}
            return [f"{name} is going" for name in names if name in here]

        if names:
            self.cluster.wait_for(kind, left, step.note, seconds, namespace=namespace)

    def _missing(self, entities: Sequence[Mapping[str, Any]], step: Step) -> list[str]:
        wanted = [portal.ref(dict(entity)) for entity in entities]
        absent = self._until(lambda: [r for r in wanted if not self.portal.entity(r)], APPEARED)
        for entity in entities:
            annotations = entity["metadata"].get("annotations") or {}
            if "backstage.io/techdocs-ref" in annotations and portal.ref(dict(entity)) not in absent:
                self.portal.docs_page(portal.ref(dict(entity)))
                step.note("its documentation is rendered")
        return [f"{reference} did not appear in the catalogue" for reference in absent]

    @staticmethod
    def _until(left: Any, seconds: float) -> list[str]:
        """What is left once nothing is, or after that many seconds."""
        ends = time.monotonic() + seconds
        while (found := list(left())) and time.monotonic() < ends:
            time.sleep(2)
        return found


@contextmanager
def on(plan: Plan, reporter: Reporter) -> Iterator[Stage]:
    """The platform of the plan, signed in as a user. Raises IDP-K001 and the like where it does not run."""
    with access.cluster(plan) as cluster:
        with reporter.step(f"sign in to the platform `{plan.facts.name}`"):
            git = access.administer(plan, cluster)
            person = access.credentials(plan, cluster, USER)
            client = PortalClient.for_instance(plan.facts.name, plan.facts.url("backstage"))
            client.sign_in(person.username, person.password)
        try:
            yield Stage(plan, cluster, git, client)
        finally:
            client.close()
            git.close()
