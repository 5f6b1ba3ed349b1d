"""The limiter: real sandboxes with work that takes all it gets, under each mechanism that works here."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from resnet_bench.diagnosis.busy import Busy, Spun
from resnet_bench.diagnosis.examine import Told
from resnet_bench.diagnosis.shares import BETTER, judge_period, judge_share, judge_throttle
from resnet_bench.results.diagnosis import Finding, Topic, Verdict
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits import LIMITERS
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.process import Sandbox
from resnet_bench.units import MIB

NONE, THROTTLE = "none", "throttle"
_HOARD_LIMIT_BYTES, _HOARD_BYTES = 64 * MIB, 256 * MIB
_HOARD = "import sys; held = b'x' * int(sys.argv[1])"
_KILLED_WITHIN_S = 10.0
_FROZEN_S = 0.1
# A task counts as frozen some microseconds before it leaves its CPU, or longer where another takes that from it then.
_STILL_S = 0.001


@dataclass(frozen=True)
class Plan:
    """Which sizes are spun at, and how often for how many seconds; under every mechanism, or the first that works.

    At the first size the CPU time of an initialisation is spun at too, and the period looked for.
    """

    sizes_mb: tuple[int, ...]
    seconds: float
    every: bool
    rounds: int = 6


# Six values are the fewest that give a median an interval.
QUICK = Plan((1024,), 0.1, every=False)
FULL = Plan((512, 1024, 1769, 3008), 0.3, every=True)


def examine_limiter(
    plan: Plan, tell: Told, limiters: Mapping[str, Limiter] | None = None, cpus: int | None = None
) -> Iterator[Finding]:
    """``limiters`` by name, best first; ``cpus`` that this process may use."""
    known = limiters or {name: make() for name, make in LIMITERS.items()}
    cpus = cpus or len(os.sched_getaffinity(0))
    reasons = {name: limiter.unavailable() for name, limiter in known.items()}
    working = [name for name, reason in reasons.items() if reason is None and known[name].enforcement.cpu_limited]
    yield _chosen(working, {name: reason.reason for name, reason in reasons.items() if reason is not None})
    for name, reason in reasons.items():
        if reason is not None:
            yield _not_here(name, reason.reason, better=not working or name in _before(known, working[0]))
    tried = [_Mechanism(name, known[name], plan, cpus, chosen=name == working[0]) for name in working]
    if not plan.every:
        del tried[1:]
    for place, one in enumerate(tried):

        def progress(text: str, fraction: float, one: _Mechanism = one, place: int = place) -> None:
            tell(f"{one.name}, {text}", (place + fraction) / len(tried))

        yield from one.examined(progress)
    if len(tried) > 1 and tried[-1].name == THROTTLE:
        kernel, throttle = tried[0], tried[-1]
        for size in throttle.spun:
            if size in kernel.spun:
                yield judge_throttle(size, throttle.spun[size], kernel.spun[size], kernel.name)


@dataclass
class _Mechanism:
    """One limiter under examination; ``spun`` is what was spun at each size."""

    name: str
    limiter: Limiter
    plan: Plan
    cpus: int
    chosen: bool
    spun: dict[str, Sequence[Spun]] = field(default_factory=dict)

    def examined(self, tell: Told) -> Iterator[Finding]:
        steps = len(self.plan.sizes_mb) + 1
        for place, memory_mb in enumerate(self.plan.sizes_mb):
            allowance, size = Allowance(memory_mb), f"{memory_mb} MB"
            tell(size, place / steps)
            boost = allowance.boosted_cpu if place == 0 else None
            with Busy(self.limiter, allowance, boost or allowance.cpu) as busy:
                if boost is not None:
                    yield self._share(busy, f"{size}, initialisation", boost.share)
                    busy.sandbox.set_cpu(allowance.cpu)
                yield self._share(busy, size, allowance.cpu.share)
                if place == 0:
                    yield judge_period(self.name, allowance.cpu.share, self.spun[size], chosen=self.chosen)
                    yield self._freezes(busy)
        tell("memory limit", (steps - 1) / steps)
        yield self._kills()

    def _share(self, busy: Busy, size: str, asked: float) -> Finding:
        threads = ceil(asked)
        if threads > self.cpus:
            return Finding(
                code="limiter-share",
                subject="limiter",
                what=f"{self.name}: {size}",
                verdict="not measured",
                told=f"{asked:.2f} CPUs take {threads}, and this process may use {self.cpus}",
                follows="functions of this size are emulated with fewer CPUs than Lambda gives them",
                todo="use a smaller --memory, or a machine with more CPUs",
            )
        self.spun[size] = [busy.spin(threads, self.plan.seconds) for _ in range(self.plan.rounds)]
        return judge_share(self.name, size, asked, self.spun[size], chosen=self.chosen)

    def _freezes(self, busy: Busy) -> Finding:
        """Whether a program in the middle of its work stands still when it is frozen, and goes on afterwards."""
        busy.ask(1, 4 * _FROZEN_S)
        busy.sandbox.freeze()
        before_s = busy.used_s()
        time.sleep(_FROZEN_S)
        moved_s = busy.used_s() - before_s
        busy.sandbox.thaw()
        busy.answer()
        still = moved_s < _STILL_S
        return Finding(
            code="limiter-freeze",
            subject="limiter",
            what=f"{self.name}: frozen",
            verdict="ok" if still else self._wrong,
            told="it stood still and went on" if still else f"it ran for {moved_s * 1e3:.2f} ms while frozen",
            follows="" if still else "one side takes CPU time while the other is measured",
            todo="" if still else "take another mechanism: --limiter throttle",
            topics=("local timings", "ratios") if self.chosen else (),
        )

    def _kills(self) -> Finding:
        cage = self.limiter.cage("doctor", cpu=None, memory_bytes=_HOARD_LIMIT_BYTES)
        argv = [sys.executable, "-I", "-S", "-c", _HOARD, str(_HOARD_BYTES)]
        with Sandbox.start(argv, env={}, cage=cage) as sandbox:
            sandbox.wait(_KILLED_WITHIN_S)
            how, killed = sandbox.describe_exit(), sandbox.memory_killed()
        return Finding(
            code="limiter-memory",
            subject="limiter",
            what=f"{self.name}: memory limit",
            verdict="ok" if killed else self._wrong,
            told="it killed what exceeded it" if killed else f"64 MB were exceeded, and: {how}",
            follows="" if killed else "a function that Lambda would kill goes on here",
            todo="" if killed else BETTER,
            topics=("memory figures",) if self.chosen else (),
        )

    @property
    def _wrong(self) -> Verdict:
        """What breaks the default commands is a fault, anything else a doubt."""
        return "fault" if self.chosen else "doubt"


def _before(known: Mapping[str, Limiter], name: str) -> list[str]:
    return list(known)[: list(known).index(name)]


def _chosen(working: Sequence[str], reasons: Mapping[str, str]) -> Finding:
    """Which mechanism commands take here by themselves."""
    topics: tuple[Topic, ...] = ("Lambda's CPU share", "memory figures")
    if not working:
        why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        return Finding(
            code="limiter-chosen",
            subject="limiter",
            what="mechanism that is used",
            verdict="fault",
            told=f"none works here ({why})",
            follows="the emulated Lambda has all of this machine's CPU time, and its times are not Lambda's",
            todo=BETTER,
            topics=topics,
        )
    coarse = working[0] == THROTTLE
    return Finding(
        code="limiter-chosen",
        subject="limiter",
        what="mechanism that is used",
        verdict="doubt" if coarse else "ok",
        told=working[0],
        follows="right on average and coarse in detail; memory is looked at every 20 ms" if coarse else "",
        todo=BETTER if coarse else "",
        topics=topics,
    )


def _not_here(name: str, reason: str, *, better: bool) -> Finding:
    return Finding(
        code="limiter-unavailable",
        subject="limiter",
        what=name,
        verdict="not measured",
        told=reason,
        follows="" if not better else "a mechanism that would be preferred",
    )
