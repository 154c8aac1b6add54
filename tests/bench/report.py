"""From measurements to docs/benchmarks.md: a section for each part; what was not measured anew stays."""

from __future__ import annotations

import os
import re
import statistics
from collections.abc import Callable, Mapping, Sequence

from tests.bench import looking, prediction, promotion, repositories, rest, weights
from tests.bench.bringup import Measured
from tests.bench.looking import Times
from tests.bench.pair import Took
from tests.bench.promotion import Model, Repositories
from tests.bench.rest import GIB, Rest

TITLE = "# Benchmarks"
INTRODUCTION = (
    "Made by `make bench`; `make bench ARGS=portal` measures one part anew (`up`, `idle`, `prediction`, "
    "`portal`, `promotion`). Figures are medians (minimum to maximum). Absolute times on a shared machine "
    "mean little; the ratio, to a bare cluster or to the bar, is the figure to compare."
)
Row = tuple[str, ...]


def merged(page: str, sections: Mapping[str, str]) -> str:
    """The page with these sections in place of those of the same title; the others stay as they are."""
    parts = re.split(r"^## (.+)\n", page, flags=re.M)[1:]
    kept = {title: text.strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}
    kept |= {title: text.strip() for title, text in sections.items()}
    told = [f"## {title}\n\n{text}" for title, text in kept.items()]
    return "\n\n".join([TITLE, INTRODUCTION, *told]) + "\n"


def bringing_up(rounds: Sequence[Measured], where: str) -> dict[str, str]:
    ratio = [m.up / m.bare for m in rounds]
    rows = [
        ("warm `idp up` to ready ÷ bare cluster", _spread(ratio, "×"), "≤ 4"),
        ("bare `kind create cluster`, CoreDNS ready", _of(rounds, lambda m: m.bare), ""),
        ("warm `idp up` to ready", _of(rounds, lambda m: m.up), "< 60 s (cube-idp, without a portal)"),
        ("`idp up` again, nothing to do", _of(rounds, lambda m: m.no_op), "≤ 10 s"),
        ("`idp down`", _of(rounds, lambda m: m.down), ""),
    ]
    names = list(dict.fromkeys(name for m in rounds for name in m.stages))
    stages = [(name, _spread([m.stages[name] for m in rounds if name in m.stages], " s")) for name in names]
    said = (
        f"{where}; {len(rounds)} rounds, bare cluster and platform in turn. Ready means what `idp up` means "
        "by it: every check of `idp status` succeeds, through the gateway, over TLS."
    )
    parts = [
        said,
        _table(("what", "measured", "aim"), rows),
        _table(("stage of `idp up`", "seconds"), stages),
    ]
    return {"Bringing it up": "\n\n".join(parts)}


def at_rest(found: Rest, where: str) -> dict[str, str]:
    rows = [
        (
            "memory of the node",
            f"{found.memory_gib:.2f} GiB",
            f"≤ {rest.BAR:.0f} GiB",
            _ratio(found.memory_gib, rest.BAR),
        ),
        ("CPU", f"{found.cpu_cores:.2f} cores", "", ""),
    ]
    said = (
        f"{where}; all packages of the reference stack, nobody at work. Memory is that of the whole node, "
        "Kubernetes included, without page cache."
    )
    return {"At rest": f"{said}\n\n{_table(('what', 'measured', 'bar', 'measured ÷ bar'), rows)}"}


def first_prediction(steps: prediction.Steps, where: str) -> dict[str, str]:
    last = len(steps) - 1
    rows = [
        (
            what,
            f"{seconds:.0f} s",
            *((f"≤ {prediction.BAR:.0f} s", _ratio(seconds, prediction.BAR)) if at == last else ("", "")),
        )
        for at, (what, seconds) in enumerate(steps.items())
    ]
    said = (
        f"{where}. Three golden paths, one form after the other: a data set, a training pipeline with a "
        "sweep of four trials, a service that follows the alias `candidate`. Seconds since the first form."
    )
    heads = ("step", "after", "bar", "measured ÷ bar")
    return {"From the form to the first prediction": f"{said}\n\n{_table(heads, rows)}"}


def portal(found: Mapping[str, Times], filled: str, where: str) -> dict[str, str]:
    rows = [
        (
            name,
            _shown(times.cold),
            f"≤ {looking.BAR:.0f} s",
            _ratio(statistics.median(times.cold), looking.BAR),
            _shown(times.warm),
        )
        for name, times in found.items()
    ]
    said = (
        f"{where}; {filled}. From the address to the data on the page, in a real browser: first with an "
        "empty cache, programs of the pages included, then with a full one."
    )
    heads = ("page", "empty cache", "bar", "measured ÷ bar", "full cache")
    return {"The portal, filled": f"{said}\n\n{_table(heads, rows)}"}


def promoting_repositories(found: Repositories, where: str) -> dict[str, str]:
    few, *_, many = sorted(found.idle)
    least, *_, most = sorted(found.new)
    rest = {count: statistics.median(took.seconds for took in found.idle[count]) for count in (few, many)}
    growth = (found.new[most].seconds - found.new[least].seconds) / (most - least)
    idle = [_idle(f"{count} repositories of users", found.idle[count]) for count in (few, many)]
    new = [_new(count, took, found.new[least]) for count, took in sorted(found.new.items())]
    commit = ("one commit in one of them", *_new(1, found.commit, found.new[least])[1:])
    said = (
        f"{where}. From a platform on this machine to one elsewhere. Each repository has "
        f"{repositories.COMMITS} commits, {repositories.FILES} files, a branch and a tag, and no service. "
        f"With nothing to do, {many} repositories take {rest[many] / rest[few]:.2f} times as long as {few}; "
        f"each that is new takes {growth:.2f} s more."
    )
    parts = [
        said,
        _table(("nothing to do", "measured", "bar", "measured ÷ bar"), idle),
        _table(("new at once", "seconds", "seconds for each", "÷ one repository"), [*new, commit]),
        _steps({str(count): took for count, took in sorted(found.new.items())}, "new at once"),
    ]
    return {"Promoting repositories": "\n\n".join(parts)}


def promoting_models(found: Sequence[Model], where: str) -> dict[str, str]:
    moved = {f"{one.gib:g} GiB": one.moved for one in found if one.moved}
    sizes = [(one.gib * 1024, one.moved.seconds) for one in found if one.moved]
    rows = [_model(one) for one in found]
    told = ""
    if len(sizes) > 1:
        (less, first), *_, (more, last) = sizes
        told = f" Each GiB more takes {(last - first) / (more - less) * 1024:.1f} s more."
    said = (
        f"{where}. A registered model with one version, its artifacts in files of "
        f"{weights.FILE / GIB:g} GiB at most, moved by `idp promote --with-models`; then the same again."
        f"{told}"
    )
    heads = (
        "artifacts",
        "seconds",
        "MiB/s while models move",
        "nothing to do afterwards",
        "bar",
        "measured ÷ bar",
    )
    return {"Promoting models": "\n\n".join([said, _table(heads, rows), _steps(moved, "artifacts")])}


def where(bundle: str, source: str) -> str:
    """What a reader has to know to judge the figures of a section."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    machine = f"a machine with {os.cpu_count()} cores and {memory:.0f} GiB of memory"
    return f"On {machine}; bundle `{bundle[:12]}` from {source}"


def _idle(what: str, rounds: Sequence[Took]) -> Row:
    seconds = [took.seconds for took in rounds]
    ratio = _ratio(statistics.median(seconds), promotion.BAR)
    return what, _spread(seconds, " s"), f"≤ {promotion.BAR:.0f} s", ratio


def _new(count: int, took: Took, one: Took) -> Row:
    each, ratio = took.seconds / count, took.seconds / one.seconds
    return str(count), f"{took.seconds:.1f} s", f"{each:.2f} s", f"{ratio:.2f}"


def _model(one: Model) -> Row:
    what = f"{one.gib:g} GiB"
    if not (one.moved and one.idle):
        return what, f"not measured: {one.lacking}", "", "", "", ""
    moved, idle = one.moved.seconds, one.idle.seconds
    speed = one.gib * 1024 / one.moved.steps[promotion.MODELS]
    bar = (f"≤ {promotion.BAR:.0f} s", _ratio(idle, promotion.BAR))
    return what, f"{moved:.1f} s", f"{speed:.0f}", f"{idle:.1f} s", *bar


def _steps(found: Mapping[str, Took], what: str) -> str:
    """Seconds of each step of `idp promote`: which of them grow."""
    names = list(dict.fromkeys(name for took in found.values() for name in took.steps))
    rows = [(name, *(f"{took.steps.get(name, 0.0):.1f}" for took in found.values())) for name in names]
    return _table((f"seconds of each step, by {what}", *found), rows)


def _table(heads: Row, rows: Sequence[Row]) -> str:
    told = [f"| {' | '.join(row)} |" for row in (heads, *rows)]
    return "\n".join([told[0], "|---" * len(heads) + "|", *told[1:]])


def _of(rounds: Sequence[Measured], figure: Callable[[Measured], float]) -> str:
    return _spread([figure(m) for m in rounds], " s")


def _spread(values: Sequence[float], unit: str) -> str:
    return f"{statistics.median(values):.2f}{unit} ({min(values):.2f} to {max(values):.2f})"


def _shown(values: Sequence[float]) -> str:
    return "not shown" if statistics.median(values) == float("inf") else _spread(values, " s")


def _ratio(value: float, bar: float) -> str:
    return "–" if value == float("inf") else f"{value / bar:.2f}"
