"""Stage: is the platform usable? Asked by real requests through the gateway, over TLS, as a plain user."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import partial

import httpx

from bootstrap import access, gitea, http, kube, portal, why
from bootstrap.errors import IdpError
from bootstrap.expectation import Expected
from bootstrap.model import Check, Plan
from bootstrap.probing import NotYet, Probe, once, until
from bootstrap.progress import Reporter
from bootstrap.render import PACKAGE, PART_OF, is_deployed

_PORTAL = "backstage"
_PLAIN_USER = "data-scientist"
_REPOSITORIES = frozenset({"platform", "catalog", "templates", "deployments", "governance"})
_NAMED = 3  # how many missing things a message names


def check(plan: Plan, expected: Expected) -> list[Check]:
    """One pass over all checks; nothing is waited for or changed."""
    with access.cluster(plan) as cluster, Session(plan, cluster) as session:
        return once(probes(plan, cluster, session, expected))


def wait(plan: Plan, expected: Expected, reporter: Reporter, timeout: float = 600) -> list[Check]:
    """Return when every check succeeds. Raises IDP-R001 after `timeout` seconds, saying what blocks."""
    with (
        access.cluster(plan) as cluster,
        Session(plan, cluster) as session,
        reporter.step("ask every part until it answers") as step,
    ):

        def waiting(still: Sequence[Check]) -> None:
            step.note("waiting for " + "; ".join(f"{c.name} ({c.detail[:80]})" for c in still))

        checks = until(probes(plan, cluster, session, expected), timeout, waiting)
        failed = [c for c in checks if not c.ok]
        if failed:
            raise IdpError(
                "IDP-R001",
                f"not ready within {timeout:.0f} s: {len(failed)} of {len(checks)} checks fail",
                "\n".join(access.obstacles(plan, cluster)),
                f"idp status --name {plan.facts.name}",
                faults=[f"{c.name}: {c.detail}" for c in failed],
            )
        step.note(f"{len(checks)} checks answered")
        return checks


def probes(plan: Plan, cluster: kube.Cluster, session: Session, expected: Expected) -> list[Probe]:
    """What to ask: all endpoints that packages declare, Git, delivery, and the portal where there is one."""
    asked = [
        Probe(p.endpoint.host, partial(_endpoint, plan, p.endpoint.host, p.endpoint.path))
        for p in plan.packages
        if p.endpoint
    ]
    asked.append(Probe("repositories", partial(_repositories, plan, cluster)))
    asked.append(
        Probe("applications", partial(_applications, plan, cluster), cluster.refresh_applications, 30)
    )
    return asked + (_portal_probes(session, expected) if plan.has(_PORTAL) else [])


class Session:
    """The portal as the plain user, signed in once for all checks."""

    def __init__(self, plan: Plan, cluster: kube.Cluster) -> None:
        self._plan, self._cluster = plan, cluster
        self._lock = threading.Lock()
        self._client: portal.PortalClient | None = None
        self._refusal: IdpError | None = None
        self._refused_at = 0.0

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client:
            self._client.close()

    def client(self) -> portal.PortalClient:
        """The signed-in client. A refusal counts for a moment, so that not every check tries again."""
        with self._lock:
            if self._client:
                return self._client
            if self._refusal and time.monotonic() - self._refused_at < 1:
                raise self._refusal
            try:
                self._client = self._sign_in()
            except IdpError as error:
                self._refusal, self._refused_at = error, time.monotonic()
                raise
            return self._client

    def _sign_in(self) -> portal.PortalClient:
        login = access.credentials(self._plan, self._cluster, _PLAIN_USER)
        client = portal.PortalClient.for_instance(self._plan.facts.name, self._plan.facts.url(_PORTAL))
        try:
            client.sign_in(login.username, login.password)
        except BaseException:
            client.close()
            raise
        return client


def _endpoint(plan: Plan, host: str, path: str) -> str:
    with http.client(plan.facts.name, plan.facts.url(host), timeout=10) as client:
        try:
            answer = client.get(path)
        except httpx.TransportError as error:
            raise NotYet(f"no answer: {error}") from error
    if not answer.is_success:
        raise NotYet(f"{answer.request.url.host} answers {answer.status_code}")
    return f"{answer.status_code} from {plan.facts.url(host)}{path}"


def _repositories(plan: Plan, cluster: kube.Cluster) -> str:
    login = access.credentials(plan, cluster, _PLAIN_USER)
    user = (login.username, login.password)
    git = gitea.connect(plan.facts.name, plan.facts.url("gitea"), login=user)
    try:
        missing = _REPOSITORIES - git.repositories("idp")
        if missing:
            raise NotYet(f"missing: {', '.join(sorted(missing))}")
        return f"{len(_REPOSITORIES)} readable by {login.username} on Gitea {git.version()}"
    finally:
        git.close()


def _applications(plan: Plan, cluster: kube.Cluster) -> str:
    applications = cluster.list(kube.APPLICATION)
    absent = {p.name for p in plan.packages if is_deployed(plan, p)} - {
        a["metadata"]["name"] for a in applications
    }
    if absent:
        raise NotYet(f"Argo CD has not made {_some(sorted(absent))}")
    complaints = platform_complaints(applications)
    if complaints:
        raise NotYet(_some(complaints, "; "))
    return f"{len(plan.packages)} packages synced and healthy"


def platform_complaints(applications: Sequence[kube.Object]) -> list[str]:
    """What Argo CD has against the platform's own Applications. Pure.

    An Application of Applications shares the fate of those in it, so that one which is not a package is
    excused while a user's service is unwell: that does not make the platform unready.
    """
    labels = [a["metadata"].get("labels") or {} for a in applications]
    own = [(a, label) for a, label in zip(applications, labels, strict=True) if label.get(PART_OF) == "idp"]
    theirs = [a for a, label in zip(applications, labels, strict=True) if label.get(PART_OF) != "idp"]
    excused = any(why.complaint(a) for a in theirs)
    return [text for a, label in own if (PACKAGE in label or not excused) and (text := why.complaint(a))]


def _portal_probes(session: Session, expected: Expected) -> list[Probe]:
    return [
        Probe("sign-in", lambda: f"as {session.client().user}"),
        Probe("catalogue", partial(_catalogue, session, expected), partial(_reread, session)),
        Probe("templates", partial(_templates, session, expected), partial(_reread, session)),
        Probe("documentation", partial(_documentation, session, expected)),
        Probe("search", partial(_search, session, expected), lambda: session.client().index()),
    ]


def _catalogue(session: Session, expected: Expected) -> str:
    found = {portal.ref(e) for e in session.client().entities()}
    missing = sorted(expected.entities - found)
    if missing:
        raise NotYet(f"{len(missing)} of {len(expected.entities)} seeded entities missing: {_some(missing)}")
    return f"{len(found)} entities, all {len(expected.entities)} seeded ones among them"


def _templates(session: Session, expected: Expected) -> str:
    client = session.client()
    found = {portal.ref(e) for e in client.entities("kind=template")}
    missing = sorted(expected.templates - found)
    if missing:
        raise NotYet(f"missing: {_some(missing)}")
    for ref in sorted(expected.templates):
        client.form(ref)
    return f"{len(found)} with their forms"


def _documentation(session: Session, expected: Expected) -> str:
    if not expected.documented:
        raise NotYet("no seeded entity has documentation")
    ref = expected.documented[0]
    client = session.client()
    if client.entity(ref) is None:
        raise NotYet(f"{ref} is not in the catalogue yet")
    page = client.docs_page(ref)
    if "<h1" not in page:
        raise NotYet(f"the page of {ref} has no heading")
    return f"page of {ref} rendered, {len(page) // 1024} KiB"


def _search(session: Session, expected: Expected) -> str:
    refs = expected.documented or tuple(sorted(expected.entities))
    term = portal.split(refs[0])[2] if refs else _PORTAL
    hits = session.client().search(term)
    if not hits:
        raise NotYet(f"no hit for `{term}` yet")
    return f"{len(hits)} hits for `{term}`"


def _reread(session: Session) -> None:
    """Let the catalogue read its Locations again: it may have looked before the seed was there."""
    client = session.client()
    for location in client.entities("kind=location"):
        client.refresh(portal.ref(location))


def _some(names: Sequence[str], separator: str = ", ") -> str:
    more = len(names) - _NAMED
    return separator.join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
