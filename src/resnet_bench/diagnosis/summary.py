"""From findings to what they mean: for each thing that a user takes away, whether it can be trusted here, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from resnet_bench.results.diagnosis import Finding, Subject, Topic, Trust, Verdict

_WORST: tuple[Verdict, ...] = ("fault", "doubt", "ok", "not measured")
_ORDER: tuple[Subject, ...] = (
    "limiter",
    "installed",
    "noise",
    "engines",
    "harness",
    "timer",
    "leftovers",
    "reachable",
)
_NOT_LOOKED = "nothing was found out about it"


def trust(findings: Sequence[Finding]) -> tuple[Trust, ...]:
    """One for each topic, in their order."""
    return tuple(_one(topic, [one for one in findings if topic in one.topics]) for topic in get_args(Topic))


def _one(topic: Topic, bearing: Sequence[Finding]) -> Trust:
    ordered = sorted(bearing, key=lambda one: _WORST.index(one.verdict))
    if not ordered:
        return Trust(topic=topic, verdict="not measured", why=_NOT_LOOKED)
    worst = ordered[0]
    alike = [one for one in ordered if one.verdict == worst.verdict]
    if worst.verdict == "ok":
        return Trust(
            topic=topic,
            verdict="ok",
            why=f"{len(alike)} {'finding' if len(alike) == 1 else 'findings'}, none against it",
        )
    more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
    return Trust(topic=topic, verdict=worst.verdict, why=f"{worst.what}: {worst.told}{more}")


def first(findings: Sequence[Finding]) -> str:
    """What to mend first, with how: a fault before any doubt, and what figures rest on before the rest."""
    for one in (*faults(findings), *doubts(findings)):
        if one.todo:
            return f"{one.what}: {one.told}; {one.todo}"
    return ""


def faults(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those to be mended first come first."""
    return _ranked(findings, "fault")


def doubts(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those to be mended first come first."""
    return _ranked(findings, "doubt")


def _ranked(findings: Sequence[Finding], verdict: Verdict) -> tuple[Finding, ...]:
    among = [one for one in findings if one.verdict == verdict]
    return tuple(sorted(among, key=lambda one: (not one.todo, _ORDER.index(one.subject))))
