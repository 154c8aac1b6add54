"""How stages get at the platform: the cluster by its kubeconfig, Gitea by credentials that lie in it."""

from __future__ import annotations

from dataclasses import dataclass

from bootstrap import gitea, kube, paths, why
from bootstrap.errors import IdpError
from bootstrap.model import Plan

_TOKEN = "gitea-token"  # noqa: S105
_SCOPES = ("write:admin", "write:organization", "write:repository", "write:user")


@dataclass(frozen=True)
class Credentials:
    """A name and password that Pulumi generated, and the namespace in which they lie."""

    username: str
    password: str
    namespace: str


def cluster(plan: Plan) -> kube.Cluster:
    """The plan's cluster, by the kubeconfig in the instance's folder."""
    return kube.Cluster(paths.kubeconfig(plan.facts.name))


def credentials(plan: Plan, within: kube.Cluster, name: str) -> Credentials:
    """Credentials from a Secret that a package declared. Raises IDP-K005 where there is none.

    Packages may ask for copies in further namespaces; the one in the declaring package's counts.
    """
    home = next((p.namespace for p in plan.packages for s in p.secrets if s.name == name), "")
    found = within.get(kube.SECRET, name, home) if home else None
    values = kube.decoded(found) if found else {}
    if not {"username", "password"} <= values.keys():
        raise IdpError(
            "IDP-K005",
            f"the credentials `{name}` are not in the cluster",
            "a package declares them and the infrastructure step generates them"
            if home
            else "no package declares them",
            "idp up",
        )
    return Credentials(values["username"], values["password"], home)


def obstacles(plan: Plan, cluster: kube.Cluster) -> list[str]:
    """Pods that do not run and Applications that Argo CD complains about, with the reason it gives."""
    try:
        namespaces = set(plan.namespaces)
        pods = [p for p in cluster.list("v1/Pod") if p["metadata"]["namespace"] in namespaces]
        lines = why.blocked(pods, cluster.list("v1/Event"))
        return lines + [text for a in cluster.list(kube.APPLICATION) if (text := why.complaint(a))]
    except IdpError as error:
        return [f"{error.what}: {error.why}"]


def administer(plan: Plan, within: kube.Cluster) -> gitea.Gitea:
    """Gitea as its administrator, by a token that is issued once and kept in the cluster.

    Gitea hashes a password at every request that brings one, which costs more than most requests.
    """
    admin = credentials(plan, within, "gitea-admin")
    name, url = plan.facts.name, plan.facts.url("gitea")
    if kept := _kept(within, admin.namespace):
        session = gitea.connect(name, url, token=kept)
        if session.whoami() == admin.username:
            return session
        session.close()
    token = _issue(plan, admin)
    labels = {kube.INSTANCE: name, "app.kubernetes.io/part-of": "idp"}
    within.apply([kube.secret(_TOKEN, admin.namespace, {"token": token}, labels)])
    return gitea.connect(name, url, token=token)


def token(plan: Plan, within: kube.Cluster) -> str:
    """The token of `administer`, which has issued it; empty where that has not happened."""
    return _kept(within, credentials(plan, within, "gitea-admin").namespace)


def _kept(within: kube.Cluster, namespace: str) -> str:
    found = within.get(kube.SECRET, _TOKEN, namespace)
    return kube.decoded(found)["token"] if found else ""


def _issue(plan: Plan, admin: Credentials) -> str:
    login = (admin.username, admin.password)
    session = gitea.connect(plan.facts.name, plan.facts.url("gitea"), login=login)
    try:
        return session.issue_token(admin.username, "idp", _SCOPES)
    finally:
        session.close()
