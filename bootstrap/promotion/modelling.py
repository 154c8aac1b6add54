"""The models of a promotion: which ones, what is written down of them, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from bootstrap.errors import IdpError
from bootstrap.mlflow import Listing
from bootstrap.progress import Reporter, Step
from bootstrap.promotion import models, places, runs, session
from bootstrap.promotion.difference import Difference, ModelChange, Relation, VersionChange
from bootstrap.promotion.record import Model
from bootstrap.promotion.session import Compared, Reached

#: What the target's MLflow may answer before the platform there is brought up to date.
_LATER = {"IDP-M020", "IDP-M021", "IDP-M023", "IDP-M027"}


@dataclass(frozen=True)
class Models:
    """What is known of models before anything moves.

    `later`: the target's MLflow cannot be compared before it is brought up to date. `content` stands for all
    that the source would bring.
    """

    changes: tuple[ModelChange, ...] = ()
    later: bool = False
    content: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changes or self.later)


def foreseen(seen: Compared, only: Collection[str], renewed: bool) -> Models:
    """What a promotion would do about models; `renewed` says that it brings the platform up to date first.

    Raises IDP-M022 with every model that has diverged, and what `models.compare` raises.
    """
    with closing(places.models(seen.source)) as source:
        mine = source.listing()
    content = {name: mine.models[name].digest for name in chosen(mine, only)}
    try:
        with closing(places.models(seen.target)) as target:
            return Models(compared(mine, target.listing(), only), content=content)
    except IdpError as error:
        if renewed and error.code in _LATER:
            return Models(later=True, content=content)
        raise


def compared(mine: Listing, theirs: Listing, only: Collection[str]) -> tuple[ModelChange, ...]:
    changes = models.compare(mine, theirs, chosen(mine, only))
    if diverged := [one for one in changes if one.relation is Relation.DIVERGED]:
        raise models.diverged(diverged)
    return changes


def chosen(mine: Listing, only: Collection[str]) -> list[str]:
    """Models by the repositories that their versions were made from; all where none is named."""
    return [
        name
        for name, one in mine.models.items()
        if not only or any(version.repository in only for version in one.versions.values())
    ]


def difference(a: str, b: str, reporter: Reporter) -> Difference:
    """What `session.difference` says of two whole platforms, and their models."""
    with session.compared(a, b, reporter) as seen, reporter.step("compare models"):
        return replace(seen.difference, models=foreseen(seen, (), bool(seen.difference.packages)).changes)


def pending(seen: Compared, only: Collection[str]) -> tuple[Listing, tuple[ModelChange, ...]]:
    """What the source has, and what of it the target lacks by now."""
    with closing(places.models(seen.source)) as source, closing(places.models(seen.target)) as target:
        mine = source.listing()
        return mine, compared(mine, target.listing(), only)


def bring(
    seen: Compared, mine: Listing, changes: Sequence[ModelChange], brought: Mapping[str, Model], step: Step
) -> None:
    """Models with their artifacts, then the pipeline runs that made them.

    `mine` is what the source has, `brought` what the whole promotion brings, also in runs of the command
    that were ended.
    """
    with closing(places.models(seen.source)) as source, closing(places.models(seen.target)) as target:
        sent = [models.transfer(source, target, change, step) for change in changes]
    total = sum(one.size for one in sent)
    step.note(f"{len(changes)} models, {sum(one.artifacts for one in sent)} files, {total / 1e6:.1f} MB")
    made_by = [
        (version.repository.replace("/", "-"), version.pipeline)
        for name, model in brought.items()
        if name in mine.models
        for number, version in mine.models[name].versions.items()
        if number in model.versions and version.repository and version.pipeline
    ]
    carried = runs.carry(seen.source.cluster, seen.target.cluster, made_by)
    step.note(f"{carried} pipeline runs came along")


def written(change: ModelChange) -> Model:
    """A change as it stands in the record."""
    return Model(
        versions={version.number: version.sha256 for version in change.versions},
        aliases={alias: after for alias, (_, after) in change.aliases.items() if after},
        new=change.relation is Relation.NEW,
        runs={version.number: version.run for version in change.versions},
        aliases_before={alias: before for alias, (before, _) in change.aliases.items()},
        things=change.added,
        experiments=change.experiments,
    )


def continued(before: Mapping[str, Model], later: Mapping[str, Model]) -> dict[str, Model]:
    """What one promotion has brought in several runs: as it was before the first, and is after the last."""
    merged = dict(before)
    for name, model in later.items():
        first = merged.get(name, Model(new=model.new))
        merged[name] = Model(
            versions={**first.versions, **model.versions},
            aliases={**first.aliases, **model.aliases},
            new=first.new,
            runs={**first.runs, **model.runs},
            aliases_before={**model.aliases_before, **first.aliases_before},
            things=tuple(dict.fromkeys((*first.things, *model.things))),
            experiments=tuple(dict.fromkeys((*first.experiments, *model.experiments))),
        )
    return merged


def take_back(at: Reached, brought: Mapping[str, Model]) -> None:
    """Raises IDP-M023 where one of the versions is in production."""
    if not brought:
        return
    with closing(places.models(at)) as target:
        for name, model in brought.items():
            models.withdraw(target, _change(name, model))


def lines(changes: Sequence[ModelChange]) -> list[str]:
    """A line for each model."""
    return [f"model {change.name}: {change.relation}: {_said(change)}" for change in changes]


def _said(change: ModelChange) -> str:
    versions = [f"version {v.number} {v.sha256[:7]}".rstrip() for v in change.versions]
    aliases = [f"{alias} {old or 'none'} -> {new or 'none'}" for alias, (old, new) in change.aliases.items()]
    more = [f"{len(change.added)} runs and models"] if change.added else []
    return ", ".join([*versions, *aliases, *more]) or "descriptions and tags"


def _change(name: str, model: Model) -> ModelChange:
    return ModelChange(
        name,
        tuple(
            VersionChange(number, run, model.versions.get(number, "")) for number, run in model.runs.items()
        ),
        {alias: (before, model.aliases.get(alias)) for alias, before in model.aliases_before.items()},
        Relation.NEW if model.new else Relation.BEHIND,
        added=model.things,
        experiments=model.experiments,
    )
