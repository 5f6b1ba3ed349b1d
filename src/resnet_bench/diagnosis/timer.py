"""The clocks that everything here is measured with: how fine, how dear, and whether they only go forward."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from resnet_bench.benchmark.stats import percentile
from resnet_bench.diagnosis.about import About
from resnet_bench.diagnosis.figures import QUIET, duration, middle, reading
from resnet_bench.results.diagnosis import Finding, Verdict

Clock = Callable[[], float]
_finding = About("timer", ("local timings", "ratios"))
_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
# Read without a call into the kernel; the others cost a microsecond a reading, or tick slowly.
_FAST = frozenset({"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter", "xen", "pvclock"})
_READINGS = 20_000
_BATCHES, _BATCH = 30, 1_000
_HOPS = 300
_SLEEPS, _SLEEP_S = 40, 0.001
# Stages of a call are told to three digits, and the shortest of them takes some 5 us.
_COARSE_S, _DEAR_S = 1e-6, 1e-6
_OVERSLEPT_S = 0.005
# Signatures to AWS and certificates stop being accepted some minutes away; a clock before this was never set.
_STEP_S = 0.05
_SOFTWARE_S = 1_767_225_600.0  # 2026-01-01
_CLOCK_ERROR = 5


@dataclass(frozen=True)
class Clocks:
    """What is examined; the tests put false ones in their places."""

    monotonic: Clock = time.perf_counter
    sleeping: Callable[[float], None] = time.sleep
    wall: Clock = time.time
    source: Path = _SOURCE


def examine_timer(clocks: Clocks = Clocks()) -> Iterator[Finding]:
    begun_s = clocks.wall() - clocks.monotonic()
    yield resolution(clocks.monotonic)
    yield cost(clocks.monotonic)
    yield forward(clocks.monotonic)
    yield oversleeping(clocks)
    yield source(clocks.source)
    yield wall(clocks, begun_s)


def resolution(clock: Clock) -> Finding:
    """The smallest step between two readings that differ."""
    steps = []
    before = clock()
    for _ in range(_READINGS):
        now = clock()
        if now != before:
            steps.append(now - before)
            before = now
    forward = [step for step in steps if step > 0]
    if not forward:
        return _finding("timer-resolution", "resolution", "fault", "the clock stands still", todo=_OTHER_MACHINE)
    step = reading("smallest step", min(forward), "seconds")
    coarse = step.value > _COARSE_S
    return _finding(
        "timer-resolution",
        "resolution",
        "doubt" if coarse else "ok",
        f"smallest step {step.value * 1e9:.0f} ns",
        step,
        follows="stages of a few microseconds are told as multiples of it" if coarse else "",
        todo=_BETTER_SOURCE if coarse else "",
    )


def cost(clock: Clock) -> Finding:
    each = []
    for _ in range(_BATCHES):
        begun = clock()
        for _ in range(_BATCH):
            clock()
        each.append((clock() - begun) / _BATCH)
    taken = middle("one reading", each, "seconds")
    dear = taken.value > _DEAR_S
    return _finding(
        "timer-cost",
        "cost of a reading",
        "doubt" if dear else "ok",
        f"{taken.value * 1e9:.0f} ns",
        taken,
        follows=f"a call's total holds about seven readings: {7 * taken.value * 1e6:.1f} us" if dear else "",
        todo=_BETTER_SOURCE if dear else "",
    )


def forward(clock: Clock) -> Finding:
    """Whether it goes forward too where the thread moves between CPUs."""
    allowed = sorted(os.sched_getaffinity(0))
    back, before = 0.0, clock()
    try:
        for hop in range(_HOPS):
            os.sched_setaffinity(0, [allowed[hop % len(allowed)]])
            now = clock()
            back, before = max(back, before - now), now
    finally:
        os.sched_setaffinity(0, allowed)
    name = f"forward across {len(allowed)} CPUs"
    if back > 0:
        return _finding(
            "timer-forward",
            name,
            "fault",
            f"it went back by up to {back * 1e6:.1f} us",
            reading("furthest back", back, "seconds"),
            follows="durations can be too short, and negative",
            todo=_BETTER_SOURCE,
        )
    return _finding("timer-forward", name, "ok", f"never back in {_HOPS} moves")


def oversleeping(clocks: Clocks) -> Finding:
    """How much later than asked a sleeper wakes: the emulator's waits, and the throttle's."""
    late = []
    for _ in range(_SLEEPS):
        begun = clocks.monotonic()
        clocks.sleeping(_SLEEP_S)
        late.append(clocks.monotonic() - begun - _SLEEP_S)
    usual, often = middle("usually", late, "seconds"), percentile(late, 95)
    slow = often > _OVERSLEPT_S
    return _finding(
        "timer-sleep",
        "late after a sleep of 1 ms",
        "doubt" if slow else "ok",
        f"{duration(usual.value)}, 95 % within {duration(often)}",
        usual,
        reading("95 % within", often, "seconds"),
        follows="what has to wake up waits for others: first calls and the throttle are the worse for it"
        if slow
        else "",
        todo=QUIET if slow else "",
    )


def source(file: Path) -> Finding:
    try:
        name = file.read_text(encoding="ascii").strip()
    except OSError as error:
        return _finding("timer-source", "the kernel's source", "not measured", error.strerror or str(error))
    fast = name in _FAST
    return _finding(
        "timer-source",
        "the kernel's source",
        "ok" if fast else "doubt",
        name,
        follows="" if fast else "every reading is a call into the kernel",
        todo="" if fast else _BETTER_SOURCE,
    )


def wall(clocks: Clocks, begun_s: float, synchronised: Callable[[], bool | None] | None = None) -> Finding:
    """The time of day: results are dated with it, AWS's signatures and certificates are judged by it.

    ``begun_s`` is by how much it was ahead of the monotonic clock when the examination began.
    """
    now_s = clocks.wall()
    stepped_s = now_s - clocks.monotonic() - begun_s
    known = (synchronised or _synchronised)()
    said = {True: "synchronised", False: "not synchronised by the kernel's account", None: "nobody tells whether"}[
        known
    ]
    verdict: Verdict = "doubt" if known is False else "ok"
    if now_s < _SOFTWARE_S:
        verdict, said = "fault", "it was never set: it is before this program was written"
    elif abs(stepped_s) > _STEP_S:
        verdict, said = "doubt", f"it was set by {stepped_s:+.3f} s meanwhile"
    return Finding(
        code="timer-wall",
        subject="timer",
        what="time of day",
        verdict=verdict,
        told=said,
        follows=""
        if verdict == "ok"
        else "durations do not depend on it; dates, certificates and signatures to AWS do",
        todo="" if verdict == "ok" else "let NTP set it: timedatectl set-ntp true",
        topics=("calls to AWS",),
    )


class _Timex(ctypes.Structure):
    """Enough room for Linux's ``struct timex``, of which only ``modes`` is written."""

    _fields_ = (("modes", ctypes.c_uint), ("status", ctypes.c_long * 64))


def _synchronised() -> bool | None:
    """By adjtimex(2), which anyone may read with; ``None`` where it is not allowed."""
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(_Timex()))
    return None if state < 0 else state != _CLOCK_ERROR


_OTHER_MACHINE = "measure on another machine"
_BETTER_SOURCE = (
    "look at /sys/devices/system/clocksource/clocksource0/available_clocksource for a better one, such as tsc"
)
