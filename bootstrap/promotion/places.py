"""A platform as promotions see it: who it is, where its commits stand, how Git reaches it."""

from __future__ import annotations

from functools import partial

from bootstrap import access, kube, mlflow
from bootstrap.errors import IdpError
from bootstrap.gitea import BRANCH
from bootstrap.gitops import ORG
from bootstrap.mlflow import Mlflow
from bootstrap.parallel import gather
from bootstrap.promotion.mirror import Remote
from bootstrap.promotion.reading import REPOSITORIES
from bootstrap.promotion.record import Side
from bootstrap.promotion.session import Reached

HEAD = f"refs/heads/{BRANCH}"


def identity(at: Reached) -> Side:
    """A platform by name, address and cluster, at the commit that it runs."""
    found = at.cluster.get("v1/Namespace", "kube-system") or {"metadata": {"uid": ""}}
    facts = at.plan.facts
    uid, commit = found["metadata"]["uid"], head(at, "platform")
    return Side(name=facts.name, domain=facts.domain, cluster=uid, commit=commit)


def remote(at: Reached) -> Remote:
    """The platform's Gitea as Git reaches it."""
    return Remote(at.plan.facts.name, at.plan.facts.url("gitea"), access.token(at.plan, at.cluster))


def models(at: Reached) -> Mlflow:
    """The platform's MLflow, for who moves models. Raises IDP-M027 where it has none for that."""
    kept = at.cluster.get(kube.SECRET, mlflow.SECRET, mlflow.NAMESPACE)
    if not kept:
        name = at.plan.facts.name
        raise IdpError(
            "IDP-M027",
            f"`{name}` has no MLflow that models could be moved with",
            f"there is no Secret {mlflow.NAMESPACE}/{mlflow.SECRET}",
            f"idp up --name {name}",
        )
    return mlflow.connect(at.plan.facts.name, at.plan.facts.url("mlflow"), kube.decoded(kept)[mlflow.KEY])


def account(at: Reached) -> str:
    """The account that idp is in Gitea."""
    return access.credentials(at.plan, at.cluster, "gitea-admin").username


def heads(at: Reached) -> dict[str, str]:
    """`ORG/NAME` of each of the platform's own repositories -> its newest commit."""
    found = gather(partial(head, at, name) for name in REPOSITORIES)
    return {f"{ORG}/{name}": commit for name, commit in zip(REPOSITORIES, found, strict=True)}


def head(at: Reached, repository: str) -> str:
    """The newest commit of one of them; "" where there is none."""
    return at.git.refs(ORG, repository).get(HEAD, "")
