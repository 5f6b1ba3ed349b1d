"""One remote call as three clocks saw it, each inside the one before: client, platform, handler.

The clocks of two machines are never compared: only durations are known. Where an inner clock's span lies within the
outer one's is therefore not measured, and it is put in the middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import fsum

from resnet_bench.benchmark.picks import counted
from resnet_bench.benchmark.series import STAGES
from resnet_bench.benchmark.stats import median
from resnet_bench.results.records import Answer, ClientTimes, ColdStages, Phase, Sample, StageTimes, TraceTimes
from resnet_bench.results.run import Run

# Names in the order in which they happen; each record holds them as ``<name>_s``.
_CLIENT = ("prepare", "connect", "tls", "send", "wait", "receive")
_PLATFORM = ("provisioning", "initialization", "invocation", "overhead")
_START = ("interpreter", "imports", "weights", "engine")
# What a clock's whole has beyond its parts.
REST = "the rest"


@dataclass(frozen=True)
class Part:
    """From ``start_s`` after the beginning of the call, for ``length_s``."""

    name: str
    start_s: float
    length_s: float


@dataclass(frozen=True)
class Lane:
    """What one observer's clock says of the call."""

    observer: str
    parts: tuple[Part, ...]


def middle_call(run: Run, engine: str, phase: Phase) -> Sample | None:
    """Of the remote calls that have a trace (of all, if none has one) that with the total nearest to their median."""
    picks = [sample for sample, _ in counted(run, engine=engine, side="remote", phase=phase)]
    timed = [(sample, sample.client.total_s) for sample in picks if isinstance(sample.client, ClientTimes)]
    traced = [each for each in timed if isinstance(each[0].trace, TraceTimes)] or timed
    if not traced:
        return None
    typical_s = median([total_s for _, total_s in traced])
    return min(traced, key=lambda each: abs(each[1] - typical_s))[0]


def lanes(sample: Sample) -> tuple[Lane, ...]:
    """Of an answered remote call, the outermost observer first; one that saw nothing has no lane."""
    client, answer, trace = sample.client, sample.outcome, sample.trace
    if not isinstance(client, ClientTimes) or not isinstance(answer, Answer):
        return ()
    outer = tuple(_client(client))
    around = next(part for part in outer if part.name in {"wait", "call"})
    platform: tuple[Part, ...] = ()
    if isinstance(trace, TraceTimes):
        platform = _row(trace, _PLATFORM, _middle(around, trace.total_s))
        around = next(part for part in platform if part.name == "invocation")
    handler = [*_start(answer.cold, platform), *_stages(answer.stages, around)]
    found = (Lane("client", outer), Lane("platform", platform), Lane("handler", tuple(handler)))
    return tuple(lane for lane in found if lane.parts)


def apart(sample: Sample) -> tuple[Lane, ...]:
    """Of an answered remote call, each clock's parts from 0: nothing is said of where one's time lies in another's.

    ``start`` is the fresh process's own account of how it came up; the clocks of one that saw nothing have no lane.
    """
    client, answer, trace = sample.client, sample.outcome, sample.trace
    if not isinstance(answer, Answer):
        return ()
    found: list[Lane] = []
    if isinstance(client, ClientTimes):
        found.append(Lane("client", _whole(_client(client), client.total_s)))
    if isinstance(trace, TraceTimes):
        found.append(Lane("platform", _whole(_row(trace, _PLATFORM, 0.0), trace.total_s)))
    if answer.cold is not None:
        found.append(Lane("start", _row(answer.cold, _START, 0.0)))
    found.append(Lane("handler", _whole(_row(answer.stages, STAGES, 0.0), answer.stages.total_s)))
    return tuple(found)


def _whole(parts: Iterable[Part], total_s: float) -> tuple[Part, ...]:
    """With the rest, unless the parts are longer than their whole, as those of a coarse clock may be."""
    known = tuple(parts)
    end_s = fsum(part.length_s for part in known)
    return (*known, Part(REST, end_s, total_s - end_s)) if total_s > end_s else known


def _client(times: ClientTimes) -> Iterator[Part]:
    parts = _row(times, _CLIENT, 0.0)
    yield from parts
    if times.wait_s is None:
        # By Lambda's own Invoke: one span for all that follows.
        known_s = fsum(part.length_s for part in parts)
        yield Part("call", known_s, times.total_s - known_s)


def _start(cold: ColdStages | None, platform: Iterable[Part]) -> tuple[Part, ...]:
    """The process's own parts of its start-up; nobody knows where to put them without the platform's."""
    for part in platform:
        if part.name == "initialization" and cold is not None:
            return _row(cold, _START, part.start_s)
    return ()


def _stages(stages: StageTimes, around: Part) -> tuple[Part, ...]:
    return _row(stages, STAGES, _middle(around, stages.total_s))


def _row(record: object, names: Iterable[str], start_s: float) -> tuple[Part, ...]:
    """End to end, without those that the record does not have."""
    parts: list[Part] = []
    for name in names:
        length_s: float | None = getattr(record, f"{name}_s")
        if length_s is not None:
            parts.append(Part(name, start_s, length_s))
            start_s += length_s
    return tuple(parts)


def _middle(around: Part, length_s: float) -> float:
    return around.start_s + (around.length_s - length_s) / 2
