"""Two runs, before and after: what became slower or faster, and by how much for certain.

Runs are independent, so ratios are unpaired. Runs made under unlike conditions are refused: their ratio would measure
the conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from resnet_bench.benchmark.ratios import Ratio, unpaired_ratio
from resnet_bench.benchmark.reduced import Reduced, reduced
from resnet_bench.benchmark.series import STAGES, TOTAL, engines_and_sides, series
from resnet_bench.benchmark.stats import LEVEL, median
from resnet_bench.errors import ResultError
from resnet_bench.results.records import Answer, Side
from resnet_bench.results.run import Caveat, Run, Via
from resnet_bench.units import format_bytes

DIFFED = (TOTAL, "handler", *STAGES, "around_handler")
_DOORS: dict[Via, str] = {"http": "through the HTTP API", "invoke": "by Invoke"}
Direction = Literal["slower", "faster", "unclear"]


@dataclass(frozen=True)
class Unlike:
    """A condition that the two runs do not share, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class DiffRow:
    """Warm medians in seconds; ``ratio`` is after over before, so above 1 is a regression.

    It is taken within each image that both runs measured (``unpaired_ratio``), and so need not be that of the medians,
    which move with how often each image came.
    """

    engine: str
    side: Side
    measure: str
    before_s: float
    after_s: float
    ratio: Ratio

    @property
    def significant(self) -> bool:
        """Whether the interval excludes 1; False without an interval."""
        return self.ratio.interval is not None and 1 not in self.ratio.interval

    @property
    def direction(self) -> Direction:
        if not self.significant:
            return "unclear"
        return "slower" if self.ratio.value > 1 else "faster"


@dataclass(frozen=True)
class Diff:
    """``unlike`` is empty unless the comparison was forced; ``reduced`` is what is not exact in either run."""

    rows: tuple[DiffRow, ...]
    unlike: tuple[Unlike, ...]
    caveats: tuple[Caveat, ...]
    reduced: tuple[Reduced, ...] = ()


def diff(before: Run, after: Run, *, force: bool = False) -> Diff:
    """Rows for each engine, side and stage that both runs measured.

    Raises:
        ResultError: the runs were made under unlike conditions (unless ``force``), or share nothing measured.
    """
    found = unlike(before, after)
    if found and not force:
        listed = "; ".join(f"{one.what}: {one.before} against {one.after}" for one in found)
        raise ResultError(
            f"the runs were made under unlike conditions ({listed})",
            "Measure both alike, or compare all the same with --force.",
        )
    # Not among them is how the function was called: what that changes is one of the things to find out.
    rows = tuple(_rows(before, after))
    if not rows:
        raise ResultError("the runs have no warm measurement in common", "Compare runs of the same engines and sides.")
    caveats = (*_other_door(before.settings.via, after.settings.via), *_caveats(rows, found))
    return Diff(rows, found, caveats, reduced((*before.samples, *after.samples)))


def unlike(before: Run, after: Run) -> tuple[Unlike, ...]:
    """The conditions that differ. Versions of libraries may: whether they matter is what a diff is made to find out."""
    first, second = _conditions(before), _conditions(after)
    return tuple(Unlike(what, first[what], second[what]) for what in first if first[what] != second[what])


def _conditions(run: Run) -> dict[str, str]:
    remote, settings = run.deployment, run.settings
    facts = [(sample.engine, sample.outcome.runtime) for sample in run.samples if isinstance(sample.outcome, Answer)]
    memory_bytes = settings.memory_bytes or (remote.memory_bytes if remote is not None else None)
    return {
        "CPU model": run.environment.cpu_model,
        "CPUs": str(run.environment.cpus_count),
        "engines": _listed(settings.engines),
        "memory": "not limited" if memory_bytes is None else format_bytes(memory_bytes),
        "threads": "auto" if settings.threads is None else str(settings.threads),
        "remote side": "none" if remote is None else f"{remote.kind}, {remote.enforcement.mechanism}",
        "region": (remote.region if remote is not None else None) or "none",
        "local limits": "none" if run.local_enforcement is None else run.local_enforcement.mechanism,
        "request body": "raw" if settings.raw_body else "JSON",
        "images": _listed(f"{image.name} {image.sha256[:8]}" for image in run.images),
        "weights": _listed(f"{fact.weights} {fact.weights_sha256[:8]}" for _, fact in facts),
        "decoding": settings.decode,
        "precision": _listed(f"{engine} {fact.precision}" for engine, fact in facts),
    }


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted({*values})) or "none"


def _rows(before: Run, after: Run) -> Iterator[DiffRow]:
    shared = [place for place in engines_and_sides(before) if place in engines_and_sides(after)]
    for engine, side in shared:
        for measure in DIFFED:
            if side == "local" and measure == "handler":
                continue  # The local total is that same figure.
            first, second = (series(run, engine=engine, side=side, measure=measure) for run in (before, after))
            ratio = unpaired_ratio(second.values, first.values, second.images, first.images)
            if ratio is not None:
                yield DiffRow(engine, side, measure, median(first.values), median(second.values), ratio)


def _other_door(before: Via, after: Via) -> Iterator[Caveat]:
    if before != after:
        yield Caveat(
            code="called-differently",
            message=f"called {_DOORS[before]} before and {_DOORS[after]} after: what the totals on Lambda differ by "
            "and the handler's figures do not is the HTTP API's part",
            next_step="measure both on the same images, with --runs 60",
        )


def _caveats(rows: tuple[DiffRow, ...], found: tuple[Unlike, ...]) -> Iterator[Caveat]:
    judged = sum(row.ratio.interval is not None for row in rows)
    if judged > 1:
        yield Caveat(
            code="multiple-comparisons",
            message=f"of {judged} comparisons about {(1 - LEVEL) * judged:.1f} look significant by chance alone",
            next_step="trust a single small change only when a second run shows it again",
        )
    if judged < len(rows):
        yield Caveat(
            code="few-runs",
            message=f"{len(rows) - judged} of {len(rows)} rows have too few samples for an interval",
            next_step="--runs 20 at least, and 4 for every image; better --runs 60",
        )
    if found:
        yield Caveat(
            code="unlike-runs",
            message="compared by force although these differ: " + ", ".join(one.what for one in found),
            next_step="measure both runs alike",
        )
