"""A memory sweep read: what each size takes, needs and costs, or why it cannot work.

Costs are of warm calls alone (a cold share of 0), by list prices: billed time by the memory size, and the request's
fee. The HTTP API's fee is the same at every size and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean

from msgspec.structs import replace

from resnet_bench.analysis.observed import BILLED, architecture, client_total, first_known
from resnet_bench.benchmark.checks import check
from resnet_bench.benchmark.picks import counted, engines, sides, values
from resnet_bench.benchmark.series import Series, samples_of, series
from resnet_bench.benchmark.starts import Read
from resnet_bench.benchmark.stats import Summary, median, summarise
from resnet_bench.benchmark.tolerance import REFUSED_SIZE
from resnet_bench.errors import ResultError
from resnet_bench.prices.costs import gb_seconds
from resnet_bench.prices.table import Prices
from resnet_bench.results.records import Answer, Failed, ReportLine, Sample
from resnet_bench.results.run import Caveat, Run
from resnet_bench.results.variants import variant, variants
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.units import MIB, parse_size

MILLION = 1_000_000
# From here on the next larger image, or the next version of a library, may be the one that dies.
FULL = 0.9
OUT_OF_MEMORY, _REFUSED = "out of memory", "refused by AWS"
# After these a sweep does not ask a size again (``benchmark/tolerance.py``).
_FATAL = frozenset({OUT_OF_MEMORY, _REFUSED})
_KILLED = ("Runtime.OutOfMemory", "signal: killed")
# With a dozen runs at each size these would stand under every sweep. Its table shows n and intervals, and what failed.
_OF_SMALL_SERIES = frozenset({"few-runs", "thin-tail", "outliers", "wide-interval", "failures", "trace-coverage"})


@dataclass(frozen=True)
class Call:
    """One warm call: what the client waited for, and what was billed of it in US dollars."""

    image: str
    seconds: float
    usd: float


@dataclass(frozen=True)
class Size:
    """One engine at one memory size. ``trouble`` says why it cannot be used, and is empty where it can.

    ``calls`` are the warm ones by their pair, those alone whose time and bill are both known; ``cold_s`` are whole cold
    calls by the client's clock. Of sizes that never answered all figures are ``None`` or empty. ``billed_s`` is the
    median of warm calls; ``gb_s`` and ``usd`` follow from it. ``mean_usd`` follows from the mean, as bills do, which a
    few slow calls among a dozen can move. ``cause`` is what its last failure said.
    """

    engine: str
    memory_mb: int
    warm: Summary | None
    cold_s: tuple[float, ...]
    used_bytes: int | None  # the highest
    used_observer: str
    billed_s: float | None
    billed_observer: str
    gb_s: float | None  # of one request
    usd: float | None  # of one request
    mean_usd: float | None  # of one request
    calls: dict[int, Call]
    trouble: str
    failed_count: int
    cause: str

    @property
    def utilisation(self) -> float | None:
        return None if self.used_bytes is None else self.used_bytes / (self.memory_mb * MIB)

    @property
    def full(self) -> bool:
        """Whether memory leaves no room to spare."""
        return self.utilisation is not None and self.utilisation > FULL

    @property
    def usable(self) -> bool:
        return not self.trouble and self.warm is not None and self.usd is not None


def at_size(run: Run, name: str) -> Run:
    """The calls of one size as a plain run of a function of that size."""
    memory_bytes = parse_size(name)
    found = variant(run, name)
    if found.deployment is None:
        return found
    limited = found.deployment.enforcement.cpu_limited
    allowance = Allowance(memory_bytes // MIB)
    deployment = replace(
        found.deployment,
        memory_bytes=memory_bytes,
        cpu_share=allowance.cpu.share if limited else None,
        vcpus_count=allowance.vcpus_count if found.deployment.kind == "emulated" else None,
    )
    return replace(found, deployment=deployment)


def sizes(run: Run, prices: Prices) -> tuple[Size, ...]:
    """By engine in the order of the settings, from the smallest to the largest.

    Raises:
        ResultError: a sample is of something else than a memory size.
    """
    there = {name: at_size(run, name) for name in _names(run)}
    return tuple(
        _size(one, engine, parse_size(name) // MIB, prices)
        for engine in run.settings.engines
        for name, one in there.items()
        if engine in engines(one)
    )


def _names(run: Run) -> list[str]:
    try:
        return sorted(variants(run), key=parse_size)
    except ValueError as error:
        raise ResultError(
            f"a sample is of no memory size: {error}",
            "the file was edited or damaged; measure again, or restore it from a copy",
        ) from None


def doubts(run: Run) -> tuple[Caveat, ...]:
    """Those of the whole run, and those of single sizes under their name; what holds at every size is said once."""
    there = {name: at_size(run, name) for name in _names(run)}
    # One that never answered has nothing to be doubted.
    there = {name: one for name, one in there.items() if sides(one)}
    found: dict[Caveat, list[str]] = {}
    for name, one in there.items():
        for caveat in check(one):
            if caveat.code not in _OF_SMALL_SERIES:
                found.setdefault(caveat, []).append(name)
    own = {(caveat.code, caveat.message) for caveat in (*run.caveats, *check(run))}
    of_sizes = (
        caveat if len(where) == len(there) else replace(caveat, message=f"{', '.join(where)}: {caveat.message}")
        for caveat, where in found.items()
        if (caveat.code, caveat.message) not in own
    )
    return (*run.caveats, *check(run), *of_sizes)


def _size(run: Run, engine: str, memory_mb: int, prices: Prices) -> Size:
    warm = counted(run, engine=engine, side="remote", phase="warm")
    billed = first_known(warm, BILLED)
    gb_s_usd, request_usd = prices[f"lambda_gb_s_{architecture(run)}"].usd, prices["lambda_request"].usd

    def usd(billed_s: float) -> float:
        return float(gb_seconds(memory_mb, billed_s) * gb_s_usd + request_usd)

    middle = median(billed.values) if billed.values else None
    totals = series(run, engine=engine, side="remote")
    cold = counted(run, engine=engine, side="remote", phase="cold")
    used = first_known((*warm, *cold), _USED)
    outcomes = [sample.outcome for sample in samples_of(run, engine=engine, side="remote")]
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    return Size(
        engine=engine,
        memory_mb=memory_mb,
        warm=summarise(totals.values, totals.images),
        cold_s=values(cold, client_total),
        used_bytes=round(max(used.values)) if used.values else None,
        used_observer=used.observer,
        billed_s=middle,
        billed_observer=billed.observer,
        gb_s=None if middle is None else float(gb_seconds(memory_mb, middle)),
        usd=None if middle is None else usd(middle),
        mean_usd=usd(fmean(billed.values)) if billed.values else None,
        calls=_calls(totals, {pair: usd(each_s) for pair, each_s in zip(billed.pairs, billed.values, strict=True)}),
        trouble=_trouble(outcomes, answered=bool(totals.values), finished=run.finished),
        failed_count=len(failed),
        cause=failed[-1].message if failed else "",
    )


def _calls(totals: Series, usd: dict[int, float]) -> dict[int, Call]:
    return {
        pair: Call(image, seconds, usd[pair])
        for pair, image, seconds in zip(totals.pairs, totals.images, totals.values, strict=True)
        if pair in usd
    }


def _reported(sample: Sample, _answer: Answer) -> float | None:
    return sample.report.max_memory_used_bytes if isinstance(sample.report, ReportLine) else None


def _peak(_sample: Sample, answer: Answer) -> float:
    return answer.memory.peak_rss_bytes


# The best observer first: REPORT lines can be late, or not to be had.
_USED: dict[str, Read] = {
    "Max Memory Used in Lambda's REPORT lines": _reported,
    "the handler's own peak RSS, without the runtime around it": _peak,
}


def _trouble(outcomes: Sequence[Answer | Failed], *, answered: bool, finished: bool) -> str:
    """A size is unusable if the sweep has given it up, or if it has no warm answer. One lost call is neither."""
    last = outcomes[-1]
    if isinstance(last, Failed) and (not answered or _reason(last) in _FATAL or isinstance(outcomes[-2], Failed)):
        return _reason(last)
    if answered:
        return ""
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    return _reason(failed[-1]) if failed else ("not measured" if finished else "interrupted")


def _reason(failed: Failed) -> str:
    """In a word or two, for a table. Lambda's own words for a limit that killed are those of a killed process."""
    if failed.error == "OutOfMemory" or any(sign in failed.message for sign in _KILLED):
        return OUT_OF_MEMORY
    if failed.error == "RemoteTimeout":
        return "timed out"
    if failed.error == "AwsError" and any(code in failed.message for code in REFUSED_SIZE):
        return _REFUSED
    return f"failed: HTTP {failed.status}" if failed.status is not None else f"failed: {failed.error}"


def per_million(usd: float) -> Decimal:
    return Decimal(repr(usd)) * MILLION
