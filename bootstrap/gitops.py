"""Stage: Git content and sign-in clients, from which Argo CD brings about the platform.

Writes what differs and nothing else, so that a second run only reads.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

import httpx
import yaml

from bootstrap import access, http, kube, render
from bootstrap.errors import IdpError
from bootstrap.gitea import Gitea, OAuthClient
from bootstrap.model import Manifests, Package, Plan
from bootstrap.parallel import gather
from bootstrap.progress import Reporter, Step

ORG = "idp"
REPOSITORIES = {
    "platform": "What Argo CD deploys: the rendered packages of this platform",
    "catalog": "The software catalogue: organisation, systems and the platform's own components",
    "templates": "Golden paths: the software templates of the portal",
    "deployments": "One Argo CD Application for each service made from a template",
    "governance": "Decisions about models: who approved which version, when and on what evidence",
}
#: Repositories that nothing is committed to here; they begin with a first commit all the same.
_OF_OTHERS = frozenset({"governance"})

_OIDC = "oidc-client"
_APPLICATION, _ROOTS = "application.yaml.j2", "roots.yaml.j2"
_PAUSE, _LOOK_EVERY = 0.3, 10.0


def publish(
    plan: Plan,
    manifests: Mapping[str, Manifests],
    bundle: str,
    reporter: Reporter,
    timeout: float = 300,
) -> bool:
    """Bring Gitea to hold the plan's manifests and Argo CD to follow them.

    Returns whether that changed anything. `bundle` is the digest of the lock they were rendered from;
    `timeout` is how many seconds Gitea may take to answer. Raises IDP-G001 when it does not.
    """
    with access.cluster(plan) as cluster:
        with reporter.step("reach Gitea through the gateway") as step:
            wait_for_gitea(plan, cluster, step, timeout)
            git = access.administer(plan, cluster)
        try:
            with reporter.step("create organisations and repositories") as step:
                made = ensure_repositories(git)
                step.note(_said(made, "created"))
            with reporter.step("issue sign-in clients") as step:
                issued = issue_clients(plan, git, cluster)
                step.note(_said(issued, "issued"))
            with reporter.step("commit the rendered packages") as step:
                changed = commit(plan, manifests, bundle, git)
                step.note(f"{changed} files changed" if changed else "up to date")
            with reporter.step("hand over to Argo CD") as step:
                applied = cluster.apply(roots(plan), force=True)
                refreshed = cluster.refresh_applications() if changed or applied else 0
                step.note(f"{refreshed} applications refreshed" if refreshed else "up to date")
        finally:
            git.close()
    return bool(made or issued or changed or applied)


def commit(plan: Plan, manifests: Mapping[str, Manifests], bundle: str, git: Gitea) -> int:
    """Commit what differs in the two repositories that Argo CD reads; returns how many files did."""
    platform = platform_files(plan, manifests, bundle)
    deployments = {"README.md": _DEPLOYMENTS_README.encode()}
    changed = gather(
        [
            partial(git.commit_tree, ORG, "platform", platform, message(plan, bundle)),
            partial(git.commit_tree, ORG, "deployments", deployments, "Explain this repository"),
        ]
    )
    return sum(changed)


def wait_for_gitea(plan: Plan, cluster: kube.Cluster, step: Step, timeout: float) -> None:
    """Return once Gitea answers at its public URL; say what is in the way meanwhile."""
    began, looked, said = time.monotonic(), 0.0, set[str]()
    with http.client(plan.facts.name, plan.facts.url("gitea"), timeout=5) as client:
        while why := _silence(client):
            waited = time.monotonic() - began
            if waited >= timeout:
                break
            if waited - looked >= _LOOK_EVERY:
                looked = waited
                why = "; ".join(access.obstacles(plan, cluster)[:2]) or why
            if why not in said:
                said.add(why)
                step.note(f"waiting for Gitea: {why}")
            time.sleep(_PAUSE)
    if why:
        raise IdpError(
            "IDP-G001",
            f"Gitea did not answer within {timeout:.0f} s at {plan.facts.url('gitea')}",
            "\n".join([why, *access.obstacles(plan, cluster)]),
            f"idp status --name {plan.facts.name}",
        )


def ensure_repositories(git: Gitea) -> list[str]:
    """The two organisations and the platform's repositories; returns the names of new ones."""
    orgs = {
        ORG: ("Developer platform", "The platform itself: written by idp, read by Argo CD and the portal"),
        "ml": ("Machine learning", "Models, pipelines and services made from golden paths"),
    }
    made = gather(partial(git.ensure_org, name, *about) for name, about in orgs.items())
    new = [name for name, is_new in zip(orgs, made, strict=True) if is_new]
    made = gather(
        partial(git.ensure_repo, ORG, name, about, auto_init=name in _OF_OTHERS)
        for name, about in REPOSITORIES.items()
    )
    return new + [f"{ORG}/{name}" for name, is_new in zip(REPOSITORIES, made, strict=True) if is_new]


def issue_clients(plan: Plan, git: Gitea, cluster: kube.Cluster) -> list[str]:
    """An OAuth2 client and a Secret with it for every package that asks; returns the packages concerned."""
    asking = [package for package in plan.packages if package.oidc_client]
    # One after the other: two at once could both find nothing and make the client twice.
    return [package.name for package in asking if _issue_client(plan, package, git, cluster)]


def platform_files(plan: Plan, manifests: Mapping[str, Manifests], bundle: str) -> dict[str, bytes]:
    """All files of the platform repository. Pure, but for the templates it reads."""
    template = (_delivery(plan).folder / _APPLICATION).read_text()
    files = {
        f"applications/{p.name}.yaml": render.text(template, render.scope(plan, {}, p), _APPLICATION)
        for p in plan.packages
        if render.is_deployed(plan, p)
    }
    files |= {
        f"packages/{name}/{file}": text
        for name, rendered in manifests.items()
        for file, text in rendered.items()
    }
    files["platform.yaml"] = yaml.safe_dump(
        {
            "stack": plan.stack,
            "target": plan.target.kind,
            "size": plan.facts.size,
            "bundle": bundle,
            "packages": {p.name: p.version for p in plan.packages},
        },
        sort_keys=False,
    )
    files["README.md"] = _PLATFORM_README
    return {path: text.encode() for path, text in files.items()}


def message(plan: Plan, bundle: str) -> str:
    """The commit message: what was rendered from what."""
    return f"Render stack {plan.stack}\n\nBundle: {bundle}\n"


def roots(plan: Plan) -> list[kube.Object]:
    """The Applications from which Argo CD finds all others."""
    delivery = _delivery(plan)
    source = (delivery.folder / _ROOTS).read_text()
    text = render.text(source, render.scope(plan, {}, delivery), _ROOTS)
    return [document for document in yaml.safe_load_all(text) if document]


def _delivery(plan: Plan) -> Package:
    """The package that says how packages become Applications."""
    found = next((p for p in plan.packages if (p.folder / _APPLICATION).is_file()), None)
    if not found:
        raise IdpError(
            "IDP-G003",
            f"the stack `{plan.stack}` has no package that delivers the others",
            f"no package has a template {_APPLICATION}",
            "add the package `argocd` to the stack definition",
        )
    return found


def _issue_client(plan: Plan, package: Package, git: Gitea, cluster: kube.Cluster) -> bool:
    scope = render.scope(plan, {}, package)
    redirects = [render.text(r, scope, f"{package.name}/package.yaml") for r in package.oidc_redirects]
    found = cluster.get(kube.SECRET, _OIDC, package.namespace)
    values = kube.decoded(found) if found else {}
    known = OAuthClient(values.get("client_id", ""), values.get("client_secret", ""))
    client = git.ensure_oauth_app(
        package.endpoint.title if package.endpoint else package.name,
        redirects,
        known if known.client_secret else None,
    )
    wanted = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "issuer": plan.facts.url("gitea"),
    }
    if values == wanted:
        return False
    # Argo CD reads only Secrets that carry its own name as part-of; on others the label does no harm.
    labels = {kube.INSTANCE: plan.facts.name, render.PACKAGE: package.name, render.PART_OF: "argocd"}
    cluster.apply([kube.secret(_OIDC, package.namespace, wanted, labels)], force=True)
    return True


def _silence(client: httpx.Client) -> str:
    """Why Gitea cannot be used yet; empty when it answers."""
    try:
        answer = client.get("/api/healthz")
    except httpx.TransportError as error:
        return f"the gateway does not answer ({error})"
    return "" if answer.is_success else f"the gateway answers {answer.status_code}"


def _said(names: list[str], done: str) -> str:
    return f"{done}: {', '.join(names)}" if names else "up to date"


_PLATFORM_README = """\
# platform

What runs on this platform, as Argo CD reads it: `applications/` holds one Application for each package,
`packages/` their manifests with every value filled in, `platform.yaml` what they were rendered from.

`idp up` writes the files listed in `.idp/files.json` and overwrites changes to them. Files that you add stay.
"""

_DEPLOYMENTS_README = """\
# deployments

Every YAML file here is an Argo CD Application: a service that was made from a template in the portal.
What its repository does not know of this platform, images and host, stands below `kustomize`.
Remove a file, and Argo CD removes the service.
"""
