"""Stage: the people, teams, catalogue and golden paths that a new platform starts with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from bootstrap import access, portal
from bootstrap.expectation import Expected
from bootstrap.gitea import Gitea, User
from bootstrap.model import Plan
from bootstrap.parallel import gather
from bootstrap.progress import Reporter
from bootstrap.seed import content

#: Secret with name and password -> the visible name of the account.
ACCOUNTS = {
    "gitea-admin": "Platform Administrator",
    "data-scientist": "Data Scientist",
    "gitea-bot": "Portal",
}


def plant(plan: Plan, references: Mapping[str, str], reporter: Reporter) -> tuple[Expected, bool]:
    """Bring accounts, teams and the two repositories about.

    Returns what the portal must show for it, and whether this run changed anything. `references` maps image
    names to references by digest. A password that its user changed stays changed.
    """
    files = {"catalog": content.catalog(plan, references), "templates": content.templates(plan, references)}
    with access.cluster(plan) as cluster:
        git = access.administer(plan, cluster)
        try:
            with reporter.step("create accounts and teams") as step:
                people = {
                    secret: _user(plan, access.credentials(plan, cluster, secret), title)
                    for secret, title in ACCOUNTS.items()
                }
                new = gather(partial(git.ensure_user, user) for user in people.values())
                new += ensure_teams(git, people)
                # After the robot is there to be named as the only one who writes.
                new.append(git.ensure_protection("idp", "governance", [people["gitea-bot"].name]))
                step.note(f"{sum(new)} created" if any(new) else "up to date")
            with reporter.step("commit catalogue and golden paths") as step:
                changed = gather(
                    partial(git.commit_tree, "idp", name, tree, f"Seed {name} of stack {plan.stack}")
                    for name, tree in files.items()
                )
                step.note(f"{sum(changed)} files changed" if any(changed) else "up to date")
        finally:
            git.close()
    return _expected(files), any(new) or any(changed)


def expected(plan: Plan) -> Expected:
    """What `plant` leads to, without doing it. Image references play no part in it, so none are needed."""
    none = {image.name: "" for image in plan.images}
    return _expected({"catalog": content.catalog(plan, none), "templates": content.templates(plan, none)})


def ensure_teams(git: Gitea, people: Mapping[str, User]) -> list[bool]:
    """Who may do what: the platform team owns the platform, the ML team its own organisation.

    The portal's robot makes repositories for the ML team and announces them to Argo CD, and writes
    down what is decided about models, no more.
    """
    admin, scientist, robot = (people[secret].name for secret in ACCOUNTS)
    team = git.ensure_team
    return gather(
        [
            partial(
                team,
                "idp",
                "platform-team",
                description="Runs the platform",
                permission="admin",
                all_repositories=True,
                creates_repositories=True,
                members=[admin],
            ),
            partial(
                team,
                "ml",
                "ml-team",
                description="Builds and runs models",
                permission="write",
                all_repositories=True,
                creates_repositories=True,
                members=[scientist],
            ),
            partial(
                team,
                "idp",
                "portal",
                description="Announces new services to Argo CD",
                permission="write",
                members=[robot],
                repositories=["deployments", "governance"],
            ),
            partial(
                team,
                "idp",
                "model-approvers",
                description="Approves models that others have made",
                permission="read",
                members=[admin],
                repositories=["governance"],
            ),
            partial(
                team,
                "ml",
                "portal",
                description="Makes repositories from golden paths",
                permission="write",
                all_repositories=True,
                creates_repositories=True,
                members=[robot],
            ),
        ]
    )


def _user(plan: Plan, credentials: access.Credentials, title: str) -> User:
    name = credentials.username
    return User(name, title, f"{name}@{plan.facts.domain}", credentials.password)


def _expected(files: Mapping[str, content.Files]) -> Expected:
    entities = [entity for tree in files.values() for entity in content.entities(tree)]
    return Expected(
        entities=frozenset(portal.ref(e) for e in entities),
        templates=frozenset(portal.ref(e) for e in entities if e["kind"] == "Template"),
        documented=tuple(
            portal.ref(e)
            for e in entities
            if "backstage.io/techdocs-ref" in e["metadata"].get("annotations", {}) and e["kind"] != "Template"
        ),
    )
