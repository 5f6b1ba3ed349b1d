"""Which share of a cold start each of its parts takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from resnet_bench.benchmark.picks import Pick, counted
from resnet_bench.benchmark.starts import PARTS, WITHIN, to_first_answer
from resnet_bench.benchmark.stats import median
from resnet_bench.results.records import Side, TraceTimes
from resnet_bench.results.run import Run

PROVISIONING, REST = "provisioning", "the rest"
_AROUND = next(name for name in PARTS if name not in WITHIN)


@dataclass(frozen=True)
class Part:
    """``local`` and ``remote``: of each start of which the whole is known, the fraction that this part took."""

    name: str
    local: tuple[float, ...]
    remote: tuple[float, ...]

    @property
    def local_middle(self) -> float | None:
        return median(self.local) if self.local else None

    @property
    def remote_middle(self) -> float | None:
        return median(self.remote) if self.remote else None


def start_shares(run: Run, engine: str) -> tuple[Part, ...]:
    """In the order in which they happen; those that no start has are left out."""
    near, far = (_shares(run, engine, side) for side in ("local", "remote"))
    names = (PROVISIONING, *WITHIN, REST)
    parts = (Part(name, near.get(name, ()), far.get(name, ())) for name in names)
    return tuple(part for part in parts if part.local or part.remote)


def _shares(run: Run, engine: str, side: Side) -> Mapping[str, tuple[float, ...]]:
    found: dict[str, list[float]] = {}
    for pick in counted(run, engine=engine, side=side, phase="cold"):
        whole_s = to_first_answer(*pick)
        if whole_s:
            for name, part_s in _parts(pick).items():
                found.setdefault(name, []).append(part_s / whole_s)
    return {name: tuple(shares) for name, shares in found.items()}


def _parts(pick: Pick) -> dict[str, float]:
    """Seconds of one start; provisioning, as X-Ray saw it, is told apart from the rest of what the client waited."""
    sample, answer = pick
    known = {name: part for name, read in WITHIN.items() if (part := read(sample, answer)) is not None}
    rest_s = PARTS[_AROUND](sample, answer)
    if rest_s is None:
        return known
    provisioning_s = sample.trace.provisioning_s if isinstance(sample.trace, TraceTimes) else None
    if provisioning_s is None:
        return {**known, REST: rest_s}
    return {PROVISIONING: provisioning_s, **known, REST: rest_s - provisioning_s}
