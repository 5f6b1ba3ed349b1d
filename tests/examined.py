"""What the tests of the self-check share: findings by what they are about, and file systems of a false kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from factories import make_environment
from resnet_bench.diagnosis.busy import Spun
from resnet_bench.diagnosis.summary import first, trust
from resnet_bench.results.diagnosis import VERSION, Diagnosis, Finding


def only(findings: Iterable[Finding], **wanted: str) -> Finding:
    """The one with these fields."""
    (found,) = (one for one in findings if all(getattr(one, name) == value for name, value in wanted.items()))
    return found


def make_finding(**changes: Any) -> Finding:
    usual = Finding(
        code="timer-cost", subject="timer", what="cost of a reading", verdict="ok", told="64 ns", topics=("ratios",)
    )
    return replace(usual, **changes)


def make_diagnosis(*findings: Finding, **changes: Any) -> Diagnosis:
    usual = Diagnosis(
        version=VERSION,
        created_at="2026-11-22T08:00:00.000+00:00",
        quick=False,
        strict=False,
        took_s=42.0,
        environment=make_environment(),
        findings=findings,
        trust=trust(findings),
        first=first(findings),
    )
    return replace(usual, **changes)


def spun(share: float, *, held_up: float | None = 0.0, wall_s: float = 0.4, period_s: float | None = None) -> Spun:
    """Of a program that got ``share`` of a CPU in a 20 ms period, and saw each of its pauses."""
    pause_s = max(0.0, 1 - share) * 0.02
    ends = [0.02 * count for count in range(1, round(wall_s / 0.02) + 1)]
    gaps = tuple((end - pause_s, end) for end in ends) if pause_s else ()
    return Spun(wall_s=wall_s, cpu_s=share * wall_s, gaps=gaps, held_up=held_up, period_s=period_s)


def write_tree(root: Path, files: Mapping[str, str]) -> Path:
    """``files`` by their paths below ``root``."""
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root
