"""One comparison from beginning to end: reach both, refuse what cannot be compared, read, compare."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

from bootstrap import access, bundle, instance, kube, recall, tree, why
from bootstrap import plan as planning
from bootstrap.bundle.lock import Lock
from bootstrap.errors import WRONG_USE, IdpError
from bootstrap.gitea import Gitea
from bootstrap.gitops import ORG
from bootstrap.model import Plan
from bootstrap.parallel import gather
from bootstrap.progress import Reporter
from bootstrap.promotion import desired, reading
from bootstrap.promotion.comparison import compare
from bootstrap.promotion.contents import Contents, contents, decoded, digests, encoded
from bootstrap.promotion.desired import Rendered
from bootstrap.promotion.difference import Difference
from bootstrap.promotion.history import related
from bootstrap.promotion.reading import Listing
from stacks.engine import engine_for

_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")
_PLATFORM_FILE = "platform.yaml"
#: So many files are named in a refusal.
_NAMED = 12
#: Seconds that Argo CD may take to bring about what was committed just now.
_SYNC_WITHIN = 90.0
#: Codes of a cluster and of a Gitea that cannot be used; others have a way out of their own.
_SILENT = ("IDP-K", "IDP-G")


@dataclass(frozen=True)
class Side:
    """A platform by name, or an earlier commit of its platform repository."""

    name: str
    commit: str = ""

    def __str__(self) -> str:
        return f"{self.name}@{self.commit}" if self.commit else self.name


@dataclass(frozen=True)
class Reached:
    """A platform that answers."""

    plan: Plan
    cluster: kube.Cluster
    git: Gitea


def side(text: str) -> Side:
    """`NAME` or `NAME@COMMIT`. Raises IDP-M003."""
    name, at, commit = text.partition("@")
    if not name or (at and not _COMMIT.match(commit)):
        raise IdpError(
            "IDP-M003",
            f"`{text}` is no platform and no commit of one",
            "a platform is NAME, an earlier commit NAME@COMMIT with 7 digits of the commit at least",
            "idp diff idp production",
            exit_code=WRONG_USE,
        )
    return Side(name, commit)


@dataclass(frozen=True)
class Compared:
    """Two platforms that answer, the first of which is as idp renders it, and how the second differs."""

    source: Reached
    target: Reached
    mine: Listing
    theirs: Listing
    lock: Lock
    difference: Difference


def difference(a: str, b: str, reporter: Reporter) -> Difference:
    """How B differs from what a promotion from A would make of it.

    Raises IDP-M001 (A is not as this idp renders it, or not in sync), IDP-M002 (one does not answer),
    IDP-M003 (wrong names), IDP-M004 (A was brought up by another version of idp), IDP-M005 (no such
    commit), IDP-B007 (no bundle of A's stack).
    """
    here, there = side(a), side(b)
    plans = [recall.plan_of(one.name) for one in (here, there)]
    with _reached(plans, reporter) as (source, target):
        if here.commit or there.commit:
            with reporter.step("compare the rendered manifests"):
                return _of_commits((here, source.git), (there, target.git))
        return _compared(source, target, reporter).difference


@contextmanager
def compared(a: str, b: str, reporter: Reporter) -> Iterator[Compared]:
    """The same of two whole platforms, which stay within reach. Raises what `difference` raises.

    Argo CD may still be at the source's newest commits: that is waited for, for a while.
    """
    with _reached([recall.plan_of(name) for name in (a, b)], reporter) as (source, target):
        _wait_for_sync(source, reporter)
        yield _compared(source, target, reporter)


@contextmanager
def reached(name: str, reporter: Reporter) -> Iterator[Reached]:
    """One platform by name. Raises IDP-M002 where it does not answer."""
    with _reached([recall.plan_of(name)], reporter) as (found,):
        yield found


def _compared(source: Reached, target: Reached, reporter: Reporter) -> Compared:
    with reporter.step("list what both hold") as step:
        mine, theirs = gather([partial(reading.listing, one.git) for one in (source, target)])
        step.note(f"{len(mine.refs)} and {len(theirs.refs)} repositories of users")
    with reporter.step(f"render {source.plan.stack} for both"):
        lock = bundle.load(source.plan)
        own = _rendered(source, source.plan, mine, lock)
        wished = _rendered(target, promoted(source.plan, target.plan), theirs, lock)
    with reporter.step(f"see that {source.plan.facts.name} is as rendered"):
        refuse_unsettled(source, own, mine)
    with reporter.step("read what differs") as step:
        has = reading.read(source.git, mine, _known(own))
        wanted = desired.wanted(has, source.plan.facts, target.plan.facts, wished)
        found = reading.read(target.git, theirs, {**_known(wished), **_texts(wanted)})
    differs = related(compare(wanted, found), source.git, target.git)
    return Compared(source, target, mine, theirs, lock, differs)


def promoted(source: Plan, target: Plan) -> Plan:
    """The plan of the target with the stack of the source; the target keeps its facts and its size."""
    stack = instance.get(source.target.name).stack
    plan = recall.planned(replace(instance.get(target.target.name), stack=stack))
    return replace(plan, facts=replace(target.facts, size=plan.facts.size))


def refuse_unsettled(source: Reached, own: Rendered, listed: Listing) -> None:
    """Raises IDP-M001 or IDP-M004 with all that is not as it should be, so that only what runs is moved."""
    name, git = source.plan.facts.name, source.git
    records = {
        repo: git.read(ORG, repo, tree.RECORD)
        for repo, files in own.items()
        if listed.blobs[repo].get(tree.RECORD) != tree.blob(tree.recorded(files)[tree.RECORD])
    }
    unlike = desired.unlike(own, listed.blobs, records)
    unsynced = _unsynced(source.cluster.list(kube.APPLICATION))
    more = [f"… and {len(unlike) - _NAMED} more files"] if len(unlike) > _NAMED else []
    faults = [f"file {path}: not as rendered" for path in unlike[:_NAMED]] + more + unsynced
    if not faults:
        return
    fix = f"idp up --name {name}"
    there = desired.recorded(git.read(ORG, "platform", _PLATFORM_FILE)).get("packages", {})
    here = {package.name: package.version for package in source.plan.packages}
    if unlike and there != here:
        raise IdpError(
            "IDP-M004",
            f"the platform `{name}` was brought up by another version of idp or of its stack",
            f"its packages: {_versions(there)}; here: {_versions(here)}",
            fix,
            faults,
        )
    what = f"the platform `{name}` is not as idp renders it, or not in sync"
    raise IdpError("IDP-M001", what, "what is compared must be what runs", fix, faults)


@contextmanager
def _reached(plans: list[Plan], reporter: Reporter) -> Iterator[list[Reached]]:
    """Both platforms, or IDP-M002 that names each which does not answer."""
    with ExitStack() as held:
        faults: dict[str, str] = {}
        found: list[Reached] = []
        for plan in plans:
            with reporter.step(f"reach {plan.facts.name}") as step:
                try:
                    found.append(_reach(plan, held))
                except IdpError as error:
                    if not error.code.startswith(_SILENT):
                        raise
                    faults[plan.facts.name] = f"{error.what} ({error.code}) {error.why}".rstrip()
                    step.note("does not answer")
        if faults:
            raise IdpError(
                "IDP-M002",
                f"no answer from {' and '.join(f'`{name}`' for name in faults)}",
                "both platforms must run",
                f"idp status --name {next(iter(faults))}",
                [f"{name}: {fault}" for name, fault in faults.items()],
            )
        yield found


def _reach(plan: Plan, held: ExitStack) -> Reached:
    """The platform with the facts of its place; `held` closes what this opens."""
    plan = planning.located(plan, engine_for(plan.target.kind).locate(plan).facts)
    cluster = held.enter_context(access.cluster(plan))
    git = access.administer(plan, cluster)
    held.callback(git.close)
    return Reached(plan, cluster, git)


def _wait_for_sync(source: Reached, reporter: Reporter) -> None:
    """Return when every Application of the source is in sync, or after a while: then it is refused."""
    with reporter.step(f"see that {source.plan.facts.name} is in sync") as step, suppress(IdpError):
        waiting = lambda text: step.note(f"waiting for {text}")  # noqa: E731
        source.cluster.wait_for(kube.APPLICATION, _unsynced, waiting, _SYNC_WITHIN)


def _unsynced(found: Sequence[kube.Object]) -> list[str]:
    shown = map(why.application, found)
    return sorted(f"application {one.name}: {one.sync}" for one in shown if one.sync != "Synced")


def _rendered(at: Reached, plan: Plan, listed: Listing, lock: Lock) -> Rendered:
    """What idp renders for a plan on that platform, which lends the digests that the lock lacks."""
    said = desired.recorded(at.git.read(ORG, "platform", _PLATFORM_FILE))
    return desired.rendered(plan, lock, _lent(at.git, plan, listed, lock), str(said.get("bundle", "")))


def _lent(git: Gitea, plan: Plan, listed: Listing, lock: Lock) -> dict[str, str]:
    lacking = desired.lacking(plan, lock)
    folders = tuple(f"packages/{package}/" for package in lacking.values())
    blobs = {p: blob for p, blob in listed.blobs["platform"].items() if folders and p.startswith(folders)}
    texts = reading.fetched(git, {"platform": blobs}, {}).values()
    found = digests(decoded(text) for text in texts)
    return {name: found[name] for name in lacking if name in found}


def _known(files: Rendered) -> dict[str, bytes]:
    return reading.known(text for there in files.values() for text in tree.recorded(there).values())


def _texts(wanted: Contents) -> dict[str, bytes]:
    return reading.known(encoded(text) for text in (*wanted.deployments.values(), *wanted.extra.values()))


def _of_commits(here: tuple[Side, Gitea], there: tuple[Side, Gitea]) -> Difference:
    """Manifests as they stand; what is the same on both sides is not even fetched."""
    sides = []
    for one, git in (here, there):
        commit = git.commit_id(ORG, "platform", one.commit) if one.commit else ""
        if one.commit and not commit:
            raise IdpError(
                "IDP-M005",
                f"the platform `{one.name}` has no commit {one.commit}",
                f"commits are those of its repository {ORG}/platform",
                f"idp open gitea --name {one.name}",
                exit_code=WRONG_USE,
            )
        sides.append(reading.manifests_at(git, commit))
    same = sides[0].items() & sides[1].items()
    whole = []
    for (_, git), blobs in zip((here, there), sides, strict=True):
        own = {path: blob for path, blob in blobs.items() if (path, blob) not in same}
        held = reading.fetched(git, {"platform": own}, {})
        texts = {path: decoded(held[blob]) for path, blob in own.items()}
        whole.append(contents({"platform": texts}, {"platform": texts}, {}))
    return compare(*whole)


def _versions(packages: object) -> str:
    if not isinstance(packages, dict):
        return "unknown"
    return ", ".join(f"{name} {version}" for name, version in sorted(packages.items())) or "none"
