"""Warm latency, local beside Lambda: one line a stage, with the ratio and its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from resnet_bench.benchmark.nested import stages_sum
from resnet_bench.benchmark.picks import counted, engines, values
from resnet_bench.benchmark.ratios import Ratio, paired_ratio
from resnet_bench.benchmark.resampling import groups_of
from resnet_bench.benchmark.series import STAGES, TOTAL, around_handler, paired, samples_of, series
from resnet_bench.benchmark.stats import median
from resnet_bench.report.captions import captions
from resnet_bench.report.names import AROUND_HANDLER, BETWEEN_STAGES, MEASURES
from resnet_bench.report.rows import Column, Row, Table, span
from resnet_bench.results.records import Answer, Sample, Side
from resnet_bench.results.run import Run

# The depth of each measure: the parts of a whole stand below it, one level deeper.
_LEVELS = {TOTAL: 0, "handler": 1, **dict.fromkeys(STAGES, 2)}
_SIDES: tuple[Side, Side] = ("local", "remote")

COLUMNS = (
    Column("stage", "median of"),
    Column("local", "local", "seconds"),
    Column("remote", "Lambda", "seconds"),
    Column("difference", "difference", "seconds", signed=True, drop=1),
    Column("ratio", "ratio", "ratio"),
    Column("ratio_interval", "95 % interval", "ratio"),
    Column("pairs", "pairs", "count", detail=True),
)


def side_by_side(run: Run) -> Table:
    """Medians of both sides, their difference, and Lambda over local within pairs, with its interval."""
    return Table(
        name="latency",
        title="Warm latency side by side",
        columns=COLUMNS,
        rows=tuple(row for engine in engines(run) for row in _rows(run, engine)),
        captions=captions(run),
        notes=(
            f"ratio: Lambda over local, {_ratio_in_words(run)}.",
            *_left_out(run),
            f"{AROUND_HANDLER}: client less handler. Medians of parts need not add up to the median of the whole.",
        ),
    )


@dataclass(frozen=True)
class Middle:
    """The medians of one measure in seconds; ``rest`` is what no clock has measured by itself, and has no pairs."""

    measure: str
    level: int
    local: float | None
    remote: float | None
    rest: bool = False

    @property
    def name(self) -> str:
        return MEASURES.get(self.measure, self.measure)

    @property
    def is_part(self) -> bool:
        """Whether it is one of those of which the total is made."""
        return self.level > _LEVELS["handler"] or self.measure == AROUND_HANDLER


def middles(run: Run, engine: str) -> Iterator[Middle]:
    """Of every measure that one side has at least."""
    for measure, level in _LEVELS.items():
        near, far = (series(run, engine=engine, side=side, measure=measure).values for side in _SIDES)
        if near or far:
            yield Middle(measure, level, _median(near), _median(far))
    local, remote = (counted(run, engine=engine, side=side, phase="warm") for side in _SIDES)
    own, between = (_median(values(picks, between_stages)) for picks in (local, remote))
    around = _median(values(remote, around_handler))
    if own is not None or between is not None:
        yield Middle(BETWEEN_STAGES, 2, own, between, rest=True)
    if around is not None:
        yield Middle(AROUND_HANDLER, 1, None, around, rest=True)


def _rows(run: Run, engine: str) -> Iterator[Row]:
    for one in middles(run, engine):
        difference = None if one.rest or one.local is None or one.remote is None else one.remote - one.local
        ratio = None if one.rest else _ratio(run, engine, one.measure)
        # No ratio without its interval.
        shown = (
            (None, None, None)
            if ratio is None or ratio.interval is None
            else (ratio.value, span(ratio.interval), ratio.n)
        )
        yield Row((one.name, one.local, one.remote, difference, *shown), engine, one.level)


def _ratio(run: Run, engine: str, measure: str) -> Ratio | None:
    pairs = paired(run, engine=engine, measure=measure)
    return paired_ratio(pairs.remote, pairs.local, pairs.images)


def _left_out(run: Run) -> Iterator[str]:
    """Half of a pair is no pair."""
    for engine in engines(run):
        begun = {sample.pair for sample in samples_of(run, engine=engine, phase="warm")}
        count = len(paired(run, engine=engine).images)
        if count < len(begun):
            yield (
                f"{engine}: {count} of {len(begun)} pairs; a half of the others failed, was repeated, or met a fresh "
                "environment."
            )


def _ratio_in_words(run: Run) -> str:
    """What ``paired_ratio`` does depends on how many pairs each image has."""
    images = [paired(run, engine=engine).images for engine in engines(run)]
    if all(len(groups_of(len(each), each)) == 1 for each in images):
        return "median of the pairs"
    return "median of the pairs of an image, geometric mean of the images"


def between_stages(_sample: Sample, answer: Answer) -> float:
    """What the model's process spent beside its stages, in seconds."""
    return answer.stages.total_s - stages_sum(answer.stages)


def _median(numbers: tuple[float, ...]) -> float | None:
    return median(numbers) if numbers else None
