"""Series of numbers out of a run: which samples count, and where each measure is kept in them.

What counts: calls of the phase asked for that were answered at once and whose first-call flag agrees with the phase. A
"warm" call that met a fresh environment, and a "cold" one that did not, are mislabelled. One that was answered only
when it was repeated came at another moment than its pair, to a function or a network in trouble. These and the failed
ones are left out and counted, and ``checks`` tells about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from resnet_bench.results.once import once
from resnet_bench.results.records import Answer, ClientTimes, Phase, Sample, Side, Skipped
from resnet_bench.results.run import Run
from resnet_bench.results.variants import plain

# Stages in the order in which they happen; ``StageTimes`` holds each as ``<name>_s``.
STAGES = ("json_parse", "base64_decode", "read", "decode", "preprocess", "inference", "postprocess")
TOTAL = "total"

_SIDES: tuple[Side, Side] = ("local", "remote")

Measure = Callable[[Sample, Answer], float | None]


@dataclass(frozen=True)
class Series:
    """One measure of one engine on one side. ``values[i]`` was measured in pair ``pairs[i]`` on ``images[i]``.

    ``absent`` counts calls that were answered and lack this measure.
    """

    values: tuple[float, ...]
    pairs: tuple[int, ...]
    images: tuple[str, ...]
    failed: int
    retried: int
    mislabelled: int
    absent: int


def _total(sample: Sample, answer: Answer) -> float | None:
    """What the caller waits for: from the file on disk to the answer, on both sides.

    A plain local call has no client; the handler that ``explain`` runs here has one.
    """
    if isinstance(sample.client, ClientTimes):
        return sample.client.total_s
    return answer.stages.total_s if sample.side == "local" else None


def around_handler(sample: Sample, answer: Answer) -> float | None:
    """What a remote call cost beside the handler, by the client's clock, in seconds; ``None`` of a local one."""
    return sample.client.total_s - answer.stages.total_s if isinstance(sample.client, ClientTimes) else None


def _stage(field: str) -> Measure:
    def measure(_sample: Sample, answer: Answer) -> float | None:
        value: float | None = getattr(answer.stages, field)
        return value

    return measure


def _outside(clock: str, field: str) -> Measure:
    """A field of ``sample.client``, ``.trace`` or ``.report``, each of which may be skipped."""

    def measure(sample: Sample, _answer: Answer) -> float | None:
        record = getattr(sample, clock)
        value: float | None = None if isinstance(record, Skipped) else getattr(record, field)
        return value

    return measure


_OUTSIDE = {
    "client": ("prepare", "connect", "tls", "send", "wait", "receive", "total"),
    "trace": ("provisioning", "initialization", "invocation", "overhead", "total"),
    "report": ("duration", "billed", "init"),
}
# Names are "<who held the clock>.<field>", but for the handler's stages and the total that both sides share.
MEASURES: Mapping[str, Measure] = {
    TOTAL: _total,
    "around_handler": around_handler,
    "handler": _stage("total_s"),
    **{name: _stage(f"{name}_s") for name in STAGES},
    **{f"{clock}.{name}": _outside(clock, f"{name}_s") for clock, names in _OUTSIDE.items() for name in names},
    "report.max_memory_used": _outside("report", "max_memory_used_bytes"),
    "memory.rss": lambda _sample, answer: answer.memory.rss_bytes,
    "memory.peak_rss": lambda _sample, answer: answer.memory.peak_rss_bytes,
    "memory.over_baseline": lambda _sample, answer: answer.memory.peak_rss_bytes - answer.memory.baseline_rss_bytes,
    "memory.utilisation": lambda _sample, answer: answer.memory.utilisation,
    "memory.cgroup_peak": lambda sample, _answer: (
        sample.cgroup_peak_bytes if isinstance(sample.cgroup_peak_bytes, int) else None
    ),
}


def samples_of(
    run: Run, *, engine: str | None = None, side: Side | None = None, phase: Phase | None = None
) -> Iterable[Sample]:
    """The run's plain samples in order; ``None`` takes all. Those of its variants are for ``results.variants``."""
    if engine is not None and side is not None and phase is not None:
        return _by_place(run).get((engine, side, phase), ())
    return (
        sample
        for sample in plain(run).samples
        if engine in (None, sample.engine) and side in (None, sample.side) and phase in (None, sample.phase)
    )


@once
def _by_place(run: Run) -> Mapping[tuple[str, Side, Phase], tuple[Sample, ...]]:
    """What most readers ask for: they need not go through all samples."""
    found: dict[tuple[str, Side, Phase], list[Sample]] = {}
    for sample in plain(run).samples:
        found.setdefault((sample.engine, sample.side, sample.phase), []).append(sample)
    return {place: tuple(samples) for place, samples in found.items()}


@once
def engines_and_sides(run: Run) -> tuple[tuple[str, Side], ...]:
    """The combinations that the run has samples of, by first appearance of the engine, local before remote."""
    engines = dict.fromkeys(sample.engine for sample in samples_of(run))
    there = {(sample.engine, sample.side) for sample in samples_of(run)}
    return tuple((engine, side) for engine in engines for side in _SIDES if (engine, side) in there)


def mislabelled(sample: Sample, answer: Answer) -> bool:
    """Whether the first-call flag contradicts the phase. A warm-up may be either, and so may a call under load."""
    return sample.phase in {"warm", "cold"} and answer.identity.cold_start != (sample.phase == "cold")


def counts(sample: Sample, answer: Answer) -> bool:
    """Whether an answered call's figures stand for its phase."""
    return not sample.attempts and not mislabelled(sample, answer)


@once
def series(run: Run, *, engine: str, side: Side, measure: str = TOTAL, phase: Phase = "warm") -> Series:
    """The values of one of ``MEASURES``, in the order measured; seconds or bytes as the field has it.

    Raises:
        KeyError: no such measure.
    """
    read = MEASURES[measure]
    kept: list[tuple[float, int, str]] = []
    failed = again = wrong = absent = 0
    for sample in samples_of(run, engine=engine, side=side, phase=phase):
        answer = sample.outcome
        if not isinstance(answer, Answer):
            failed += 1
        elif sample.attempts:
            again += 1
        elif mislabelled(sample, answer):
            wrong += 1
        elif (value := read(sample, answer)) is None:
            absent += 1
        else:
            kept.append((value, sample.pair, sample.image))
    return Series(
        values=tuple(value for value, _, _ in kept),
        pairs=tuple(pair for _, pair, _ in kept),
        images=tuple(image for _, _, image in kept),
        failed=failed,
        retried=again,
        mislabelled=wrong,
        absent=absent,
    )


def by_image(one: Series) -> dict[str, list[float]]:
    """The values of each image, in the order measured."""
    found: dict[str, list[float]] = {}
    for value, image in zip(one.values, one.images, strict=True):
        found.setdefault(image, []).append(value)
    return found


@dataclass(frozen=True)
class Pairs:
    """Local and remote values of the same pairs; ``local[i]`` and ``remote[i]`` were measured on ``images[i]``."""

    local: tuple[float, ...]
    remote: tuple[float, ...]
    images: tuple[str, ...]


@once
def paired(run: Run, *, engine: str, measure: str = TOTAL, phase: Phase = "warm") -> Pairs:
    """The pairs that both sides have, in the order of the local ones."""
    local, remote = (series(run, engine=engine, side=side, measure=measure, phase=phase) for side in _SIDES)
    far = dict(zip(remote.pairs, remote.values, strict=True))
    near = zip(local.pairs, local.values, local.images, strict=True)
    both = [(value, far[pair], image) for pair, value, image in near if pair in far]
    return Pairs(tuple(row[0] for row in both), tuple(row[1] for row in both), tuple(row[2] for row in both))
