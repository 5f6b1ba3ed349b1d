"""The noise of this machine: the same work again and again, and what differences its spread lets one tell apart."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np

from resnet_bench.benchmark.stats import median, percentile
from resnet_bench.diagnosis.examine import Told
from resnet_bench.diagnosis.figures import QUIET, middle, percent, reading
from resnet_bench.results.diagnosis import Finding, Measured
from resnet_bench.sandbox.cpu_wait import cpu_wait_s
from resnet_bench.units import MIB

Clock = Callable[[], float]
# About 5 ms each: as long as a stage of a call.
_HASHED_BYTES = 8 * MIB
_COPIED_BYTES = 64 * MIB
# Quiet enough for a run of 60 pairs to tell a twentieth apart.
SPREAD, TAIL = 0.05, 1.5
WAITED, STOLEN = 0.05, 0.01
PAIRS = (10, 60, 300)
# compare's own default.
USUAL_PAIRS = 60
# A pair.
_FEWEST = 2
# A period of the scheduler's quotas: longer than another program's turn on a machine with CPUs to spare.
_LONG_GAP_S = 0.02


@dataclass(frozen=True)
class Repeated:
    """The same work's times, one after another, in seconds."""

    times_s: tuple[float, ...]

    @property
    def spread(self) -> float:
        """Relative: 1.4826 times the median distance from the median, over it (a deviation, were they normal)."""
        middle_s = median(self.times_s)
        return 1.4826 * median([abs(one - middle_s) for one in self.times_s]) / middle_s

    @property
    def tail(self) -> float:
        """The 99th percentile over the median."""
        return percentile(self.times_s, 99) / median(self.times_s)

    def discernible(self, pairs: int) -> float:
        """The smallest relative difference that so many pairs show in four of five runs.

        Neighbours are paired as the sides of a comparison are. The median of n normal values has the standard error
        sqrt(pi / 2) s / sqrt(n); with s from their differences' logarithms (1.4826 MAD), an interval of 95 % leaves
        out 1 in 80 % of runs from 1.960 + 0.842 such errors on.
        """
        logs = np.log(np.asarray(self.times_s[: len(self.times_s) // 2 * 2])).reshape(-1, 2)
        differences = logs[:, 0] - logs[:, 1]
        deviation = 1.4826 * float(np.median(np.abs(differences - np.median(differences))))
        errors = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)
        return math.expm1(errors * math.sqrt(math.pi / 2) * deviation / math.sqrt(pairs))


def repeat(work: Callable[[], object], seconds: float, clock: Clock = time.perf_counter) -> Repeated:
    """``work`` until so many seconds have gone by, twice at least."""
    for _ in range(3):
        work()
    end_s = clock() + seconds
    times: list[float] = []
    while len(times) < _FEWEST or clock() < end_s:
        begun_s = clock()
        work()
        times.append(clock() - begun_s)
    return Repeated(tuple(times))


def examine_noise(seconds: float, tell: Told, clock: Clock = time.perf_counter) -> Iterator[Finding]:
    """``seconds`` for each of the two kinds of work, and half as many for the gaps."""
    hashed, source = bytes(_HASHED_BYTES), bytearray(_COPIED_BYTES)
    target = bytearray(_COPIED_BYTES)

    def copy() -> None:
        target[:] = source

    before = Taken.now(clock)
    tell("computing", 0.0)
    computing = repeat(lambda: hashlib.sha256(hashed).digest(), seconds, clock)
    tell("memory", 0.4)
    memory = repeat(copy, seconds, clock)
    tell("gaps", 0.8)
    gap_s = longest_gap(seconds / 2, clock)
    after = Taken.now(clock)
    yield judge_spread("computing", computing)
    yield judge_spread("memory", memory)
    yield judge_discernible(computing)
    yield from judge_taken(before, after, gap_s)


def longest_gap(seconds: float, clock: Clock) -> float:
    """The longest time between two looks at the clock that follow each other at once."""
    end_s, longest_s, before_s = clock() + seconds, 0.0, clock()
    while before_s < end_s:
        now_s = clock()
        longest_s, before_s = max(longest_s, now_s - before_s), now_s
    return longest_s


def judge_spread(name: str, found: Repeated) -> Finding:
    quiet = found.spread <= SPREAD and found.tail <= TAIL
    return Finding(
        code="noise-spread",
        subject="noise",
        what=f"{name}, the same work again",
        verdict="ok" if quiet else "doubt",
        told=f"spread {percent(found.spread)} of the median, 99 % within {found.tail:.2f} times it",
        measured=(
            reading("spread", found.spread, "share"),
            middle("one piece of work", found.times_s, "seconds"),
            reading("p99 over median", found.tail, "ratio"),
        ),
        follows="" if quiet else "means, p95 and p99 are this machine's as much as the program's; medians hold longer",
        todo="" if quiet else QUIET,
        topics=("local timings",),
    )


def judge_discernible(found: Repeated) -> Finding:
    told = [reading(f"{pairs} pairs", found.discernible(pairs), "share") for pairs in PAIRS]
    usual = next(one for one in told if one.name == f"{USUAL_PAIRS} pairs")
    fine = usual.value <= SPREAD
    ordered: tuple[Measured, ...] = (usual, *(one for one in told if one is not usual))
    return Finding(
        code="noise-discernible",
        subject="noise",
        what=f"smallest difference that {USUAL_PAIRS} pairs show",
        verdict="ok" if fine else "doubt",
        told=f"{100 * usual.value:.2f} % (2.80 standard errors of a median of pairs, from neighbours' differences)",
        measured=ordered,
        follows=""
        if fine
        else "smaller differences come out as not certain; more --runs help by the root of their number",
        todo="" if fine else QUIET,
        topics=("ratios",),
    )


@dataclass(frozen=True)
class Taken:
    """Running totals at a moment: what others took of this process, what the hypervisor took of the machine."""

    at_s: float
    waited_s: float | None
    stolen_s: float | None

    @classmethod
    def now(cls, clock: Clock, stat: Path = Path("/proc/stat")) -> Taken:
        stolen_s = None
        with suppress(OSError, ValueError, IndexError):
            # proc(5): user nice system idle iowait irq softirq steal, all CPUs together, in ticks.
            fields = stat.read_text(encoding="ascii").split("\n", 1)[0].split()
            stolen_s = int(fields[8]) / os.sysconf("SC_CLK_TCK")
        return cls(clock(), cpu_wait_s(), stolen_s)


def judge_taken(before: Taken, after: Taken, gap_s: float) -> Iterator[Finding]:
    yield _share_of_time(
        "noise-waited",
        "waiting for a CPU",
        _difference(before.waited_s, after.waited_s),
        after.at_s - before.at_s,
        most=WAITED,
        why="other programs took CPU time",
    )
    yield _share_of_time(
        "noise-stolen",
        "stolen by the hypervisor",
        _difference(before.stolen_s, after.stolen_s),
        after.at_s - before.at_s,
        most=STOLEN,
        why="other virtual machines took CPU time",
    )
    long = gap_s > _LONG_GAP_S
    yield Finding(
        code="noise-gap",
        subject="noise",
        what="longest gap of a busy program",
        verdict="doubt" if long else "ok",
        told=f"{gap_s * 1e3:.2f} ms",
        measured=(reading("longest gap", gap_s, "seconds"),),
        follows="single calls are longer by as much, now and then" if long else "",
        todo=QUIET if long else "",
        topics=("local timings",),
    )


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else max(0.0, after - before)


def _share_of_time(code: str, what: str, taken_s: float | None, whole_s: float, *, most: float, why: str) -> Finding:
    if taken_s is None:
        return Finding(
            code=code, subject="noise", what=what, verdict="not measured", told="the kernel keeps no account of it"
        )
    share = taken_s / whole_s
    much = share > most
    return Finding(
        code=code,
        subject="noise",
        what=what,
        verdict="doubt" if much else "ok",
        told=f"{percent(share)} of the time" + (f": {why}" if much else ""),
        measured=(reading("share of time", share, "share"),),
        follows="times are longer than this machine's own" if much else "",
        todo=QUIET if much else "",
        topics=("local timings", "ratios"),
    )
