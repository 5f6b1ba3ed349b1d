"""The explanations that people give for Lambda's longer calls and larger memory, each held against its measurement.

They are those of the course report that this project starts from, which names them and tests none: nothing of Lambda's
machinery here, no network here, no cold start here, other hardware there; and base64 for the higher memory use.

An explanation **holds** if its share of the gap is certain to be a tenth or more, and is **negligible** if it is there
and certain to be less. It **does not hold** if it may be nothing and is certain to be less than a tenth, or has the
wrong sign. Otherwise it is **unclear**.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from resnet_bench.analysis.estimates import Estimate, Share, together
from resnet_bench.analysis.held import held
from resnet_bench.analysis.ladder import GATEWAY, HARDWARE, NETWORK, RUNTIME, Ladder, Step
from resnet_bench.benchmark.picks import counted
from resnet_bench.benchmark.stats import Interval, median
from resnet_bench.benchmark.surcharge import surcharges
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run
from resnet_bench.units import SECOND, times

Verdict = Literal["holds", "negligible", "does not hold", "unclear", "not measured"]

# Of the gap; what explains less is not worth a word in an explanation.
TENTH = 0.1

OVERHEAD = "gateway, runtime, HTTP"
NETWORKED = "the network"
COLD_STARTS = "cold starts"
OTHER_HARDWARE = "other hardware"
BASE64 = "base64 and JSON"

# Two processes of one kind differ by so much (onnx peaks at 313 or at 320 MB, as its arenas happen to fall; measured).
_ALIKE = 0.02

_TOO_FEW = "too few pairs for an interval"
_NO_GAP = "the gap itself may be nothing"


@dataclass(frozen=True)
class Finding:
    """One explanation for one engine: its figure in seconds or bytes, its share of the gap, and what that says.

    ``why`` is how it was measured, or why it was not. ``n`` is the number of pairs or processes.
    """

    engine: str
    claim: str
    kind: Literal["seconds", "bytes"]
    verdict: Verdict
    why: str
    figure: float | None = None
    interval: Interval | None = None
    share: float | None = None
    share_interval: Interval | None = None
    n: int | None = None


def findings(run: Run, made: Ladder) -> tuple[Finding, ...]:
    """What is found of each explanation, in the order in which people give them."""
    return tuple(_findings(run, made))


def cause(made: Ladder) -> tuple[Step, Share] | None:
    """The step that explains most of the gap, with its share; ``None`` where none is certain to explain any."""
    shares = [(step, share) for step in made.steps if (share := step.effect.share_of(made.whole)) is not None]
    sure = [(step, share) for step, share in shares if share.interval.low > 0]
    return max(sure, key=lambda each: each[1].value, default=None)


def judge(share: Interval | None) -> Verdict:
    """By the interval of an explanation's share of the gap."""
    if share is None:
        return "unclear"
    if share.low >= TENTH:
        return "holds"
    if share.high < TENTH:
        return "negligible" if share.low > 0 else "does not hold"
    return "unclear"


def _findings(run: Run, made: Ladder) -> Iterator[Finding]:
    effects = {step.name: step.effect for step in made.steps}
    if made.emulated:
        around = together([effects[RUNTIME], effects[GATEWAY]])
        yield _timed(made, OVERHEAD, around, "the runtime client's rung and the emulated gateway's")
        yield _unmeasured(made, NETWORKED, "emulated: a call does not leave this machine")
        yield _cold(run, made)
        yield _unmeasured(made, OTHER_HARDWARE, "emulated: both sides run on this machine")
    else:
        if made.runtime is None:
            yield _unmeasured(made, OVERHEAD, "REPORT lines are missing: resnet-bench collect FILE fetches them")
        else:
            yield _timed(made, OVERHEAD, made.runtime, "runtime alone: REPORT's duration less the handler's")
        beyond = effects[NETWORK] + made.remainder
        yield _timed(made, NETWORKED, beyond, "cheapest request and remainder; gateway and runtime are in it")
        yield _cold(run, made)
        yield _timed(made, OTHER_HARDWARE, effects[HARDWARE], _hardware(made))
    yield _memory(run, made)


def _timed(made: Ladder, claim: str, effect: Estimate, how: str) -> Finding:
    share = effect.share_of(made.whole)
    doubt = _TOO_FEW if effect.resampled is None else _NO_GAP
    return Finding(
        engine=made.engine,
        claim=claim,
        kind="seconds",
        verdict=judge(share.interval if share else None),
        why=how if share else f"{how}; {doubt}",
        figure=effect.value,
        interval=effect.interval,
        share=share.value if share else None,
        share_interval=share.interval if share else None,
        n=effect.n,
    )


def _hardware(made: Ladder) -> str:
    """How the handlers are compared, and inference, where no other part of a call can hide a difference."""
    how = "Lambda's handler less the same handler here at the same CPU share"
    if made.inference is None or made.inference.interval is None:
        return how
    interval = made.inference.interval
    shown = times([made.inference.value, interval.low, interval.high])
    value, low, high = shown.texts
    return f"{how}; inference alone {value} {shown.unit.name} [{low}, {high}]"


def _unmeasured(made: Ladder, claim: str, why: str, kind: Literal["seconds", "bytes"] = "seconds") -> Finding:
    return Finding(engine=made.engine, claim=claim, kind=kind, verdict="not measured", why=why)


def _cold(run: Run, made: Ladder) -> Finding:
    """No call that counts for the gap met a fresh environment: its first-call flag is what it counts by."""
    costs = surcharges(run, made.engine)
    told = ""
    if costs:
        usual = median(costs)
        shown = times([usual], unit=SECOND if usual >= SECOND.base else None)
        starts = f"{len(costs)} start{'' if len(costs) == 1 else 's'}"
        told = f"; a cold call takes {shown.texts[0]} {shown.unit.name} more ({starts})"
    return Finding(
        engine=made.engine,
        claim=COLD_STARTS,
        kind="seconds",
        verdict="does not hold",
        why=f"no call of the gap met a fresh environment{told}",
        n=made.n,
    )


def _memory(run: Run, made: Ladder) -> Finding:
    """Against what Lambda's process peaks at beyond the local one's; of that gap no interval is had."""
    told = held(run, made.engine)
    if told is None:
        return _unmeasured(made, BASE64, "no process was measured step by step", "bytes")
    if told.extra is None:
        return _unmeasured(made, BASE64, "this kernel does not let a high-water mark be reset", "bytes")
    extra, interval = told.extra, told.extra.interval
    share = share_interval = None
    local, remote = _peaks(run, made.engine)
    gap = remote - local
    if gap <= _ALIKE * local:
        verdict: Verdict = "does not hold"
        why = f"Lambda's process peaks no higher than the local one, or by less than {_ALIKE:.0%}"
    else:
        share = extra.value / gap
        share_interval = None if interval is None else Interval(interval.low / gap, interval.high / gap)
        verdict = judge(share_interval)
        why = "peak of a process with the request less one with the file's bytes"
    return Finding(
        engine=made.engine,
        claim=BASE64,
        kind="bytes",
        verdict=verdict,
        why=why,
        figure=extra.value,
        interval=interval,
        share=share,
        share_interval=share_interval,
        n=extra.n,
    )


def _peaks(run: Run, engine: str) -> tuple[float, float]:
    """What the local process and Lambda's peak at, in bytes: medians of the warm calls' answers."""

    def of(side: Side) -> float:
        return median(
            [answer.memory.peak_rss_bytes for _, answer in counted(run, engine=engine, side=side, phase="warm")]
        )

    return of("local"), of("remote")
