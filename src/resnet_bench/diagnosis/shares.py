"""What a limiter's figures mean: the share that was given against the one that was asked for, and its periods."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from resnet_bench.benchmark.ratios import unpaired_ratio
from resnet_bench.benchmark.stats import median
from resnet_bench.diagnosis.busy import Spun
from resnet_bench.diagnosis.figures import QUIET, middle, percent
from resnet_bench.results.diagnosis import Finding, Measured, Verdict
from resnet_bench.sandbox.allowance import PERIOD_US

# What the project promises of each mechanism, and its tests hold it to.
TOLERANCE = 0.10
# CPUs that other programs take from a busy sandbox, from which on too small a share may be theirs.
HELD_UP = 0.05
_PERIOD_S = PERIOD_US / 1e6
# An interruption shorter than this part of what the quota takes of a period is somebody else's.
_OF_A_PAUSE = 0.25
BETTER = (
    "run as root, or where cgroup v2 is delegated to you: systemd-run --user --scope -p Delegate=yes resnet-bench ...; "
    "a container with docker or podman is another way: resnet-bench image build"
)


def judge_share(mechanism: str, size: str, asked: float, spun: Sequence[Spun], *, chosen: bool) -> Finding:
    """``size`` says for whom, ``asked`` is in CPUs; ``chosen`` is the mechanism that commands take by themselves."""
    given = middle("given over asked", [one.share / asked for one in spun], "ratio")
    held_up = _held_up(spun)
    verdict, told, todo = _of_share(given, asked, held_up, chosen=chosen)
    return Finding(
        code="limiter-share",
        subject="limiter",
        what=f"{mechanism}: {size}",
        verdict=verdict,
        told=told,
        measured=(given, middle("CPUs given", [one.share for one in spun], "ratio")),
        follows=""
        if verdict == "ok"
        else f"times under {mechanism} are off by about as much: {1 / given.value:.2f} of Lambda's",
        todo=todo,
        topics=("Lambda's CPU share", "cold starts") if chosen else (),
    )


def _of_share(given: Measured, asked: float, held_up: float | None, *, chosen: bool) -> tuple[Verdict, str, str]:
    told = f"{percent(given.value)} of the {asked:.3f} CPUs asked for"
    if abs(given.value - 1) <= TOLERANCE:
        return "ok", told, ""
    if given.value < 1 and (held_up is None or held_up >= HELD_UP):
        others = "" if held_up is None else f"; others held it up for {held_up:.2f} CPUs"
        return "doubt", told + others, QUIET
    wrong: Verdict = "fault" if chosen else "doubt"
    return wrong, told, BETTER if chosen else "take another: --limiter auto"


def _held_up(spun: Sequence[Spun]) -> float | None:
    known = [one.held_up for one in spun if one.held_up is not None]
    return median(known) if known else None


def judge_period(mechanism: str, asked: float, spun: Sequence[Spun], *, chosen: bool) -> Finding:
    """From where the pauses ended that a single busy thread saw; ``asked`` must be less than one CPU."""
    lengths = list(_periods(asked, spun))
    by_kernel = [one.period_s for one in spun if one.period_s is not None]
    what = f"{mechanism}: the 20 ms period"
    if not lengths:
        return Finding(
            code="limiter-period",
            subject="limiter",
            what=what,
            verdict="doubt" if chosen else "not measured",
            told="the busy program saw no pauses",
            follows="that it was held to its share is not certain",
            todo=QUIET,
            topics=("Lambda's CPU share",) if chosen else (),
        )
    seen = middle("as the program saw it", lengths, "seconds")
    right = abs(seen.value / _PERIOD_S - 1) <= TOLERANCE
    busy = (_held_up(spun) or 0.0) >= HELD_UP
    return Finding(
        code="limiter-period",
        subject="limiter",
        what=what,
        verdict="ok" if right else "doubt",
        told=f"pauses every {seen.value * 1e3:.1f} ms" + (", among other programs" if busy and not right else ""),
        measured=(seen, *([middle("as the kernel counts", by_kernel, "seconds")] if by_kernel else [])),
        follows="" if right else "short work may begin or end in another part of a period than on Lambda",
        todo="" if right else QUIET,
        topics=("Lambda's CPU share",) if chosen else (),
    )


def _periods(asked: float, spun: Sequence[Spun]) -> list[float]:
    shortest_s = _OF_A_PAUSE * (1 - asked) * _PERIOD_S
    ends = [[end for begin, end in one.gaps if end - begin >= shortest_s] for one in spun]
    return [later - earlier for each in ends for earlier, later in pairwise(each)]


def judge_throttle(size: str, throttle: Sequence[Spun], kernel: Sequence[Spun], kernel_name: str) -> Finding:
    """How far the throttle's share is from the kernel's at the same size."""
    ratio = unpaired_ratio([one.share for one in throttle], [one.share for one in kernel])
    assert ratio is not None  # noqa: S101 - a busy program uses some CPU time
    measured = Measured(
        name=f"throttle over {kernel_name}",
        value=ratio.value,
        unit="ratio",
        n=ratio.n,
        low=None if ratio.interval is None else ratio.interval.low,
        high=None if ratio.interval is None else ratio.interval.high,
    )
    close = abs(ratio.value - 1) <= TOLERANCE
    return Finding(
        code="limiter-throttle",
        subject="limiter",
        what=f"throttle over {kernel_name}: {size}",
        verdict="ok" if close else "doubt",
        told=f"the throttle gives {ratio.value:.3f} times the kernel's share",
        measured=(measured,),
        follows="" if close else "figures made with --limiter throttle are not those of a cgroup",
        todo="" if close else QUIET,
    )
