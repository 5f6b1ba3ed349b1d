"""What a cold start and a process's memory are made of, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from resnet_bench.analysis.held import Growth, Held
from resnet_bench.analysis.shares import Part, start_shares
from resnet_bench.benchmark.picks import engines
from resnet_bench.report.captions import captions
from resnet_bench.report.rows import Bar, Column, Row, Span, Table, Value
from resnet_bench.results.run import Run

SHARES = (
    Column("part", "part"),
    Column("local", "local", "percent"),
    Column("local_range", "range", "percent", detail=True),
    Column("remote", "Lambda", "percent"),
    Column("remote_range", "range", "percent"),
    Column("bar", "Lambda's start", "bar", drop=2),
)
STEPS = (
    Column("step", "after"),
    Column("grew", "grew by", "bytes", signed=True),
    Column("resident", "resident", "bytes"),
    Column("peak", "peak", "bytes"),
    Column("file_grew", "file: grew", "bytes", signed=True),
    Column("file_peak", "peak", "bytes"),
    Column("bar", "resident", "bar", drop=1),
)


def cold_shares(run: Run) -> Table | None:
    """``None`` if no cold start's whole is known."""
    rows = tuple(row for engine in engines(run) for row in _share_rows(engine, start_shares(run, engine)))
    if not rows:
        return None
    return Table(
        name="cold_shares",
        title="What a cold start is spent on",
        columns=SHARES,
        rows=rows,
        captions=captions(run),
        notes=(
            "Share of the time to the first answer: median of the starts, and their range.",
            "provisioning: by X-Ray; where it has no trace it is in the rest.",
        ),
    )


def _share_rows(engine: str, parts: Sequence[Part]) -> Iterator[Row]:
    if not parts:
        return
    starts = max(len(part.remote) for part in parts), max(len(part.local) for part in parts)
    group = f"{engine}: {starts[0]} on Lambda, {starts[1]} here"
    ends = [*accumulate((max(0.0, part.remote_middle or 0.0) for part in parts), initial=0.0)]
    width = ends[-1] or 1.0
    for part, start, end in zip(parts, ends[:-1], ends[1:], strict=True):
        bar = Bar(start / width, end / width) if part.remote else None
        near = (part.local_middle, _range(part.local))
        yield Row((part.name, *near, part.remote_middle, _range(part.remote), bar), group)


def _range(shares: tuple[float, ...]) -> Span | None:
    return Span(min(shares), max(shares)) if len(shares) > 1 else None


def memory_taken_apart(run: Run, found: Sequence[Held]) -> Table | None:
    """``None`` where nothing was measured."""
    if not found:
        return None
    return Table(
        name="memory_steps",
        title="Memory taken apart",
        columns=STEPS,
        rows=tuple(row for one in found for row in _held_rows(one)),
        captions=captions(run),
        notes=(
            f"Medians of fresh processes here, with {found[0].image} and Lambda's threads.",
            "resident (RSS): after the step; peak (VmHWM): within it. What an earlier step gave back is used again.",
            "request: the event, its JSON and base64; file: the image's bytes alone, as the local side has them.",
        ),
    )


def _held_rows(one: Held) -> Iterator[Row]:
    group = f"{one.engine}: {one.processes} processes each"
    most = max(step.resident for step in one.with_request)
    for step, bare in zip(one.with_request, one.from_file, strict=True):
        bar = Bar((step.resident - step.grew) / most, step.resident / most)
        yield Row((step.name, step.grew, step.resident, step.peak, bare.grew, bare.peak, bar), group)
    if one.extra is not None:
        peaks: tuple[Value, Value] = _highest(one.with_request), _highest(one.from_file)
        yield Row(("peak of all", None, None, peaks[0], None, peaks[1], None), group)


def _highest(steps: Sequence[Growth]) -> float | None:
    return max((step.peak for step in steps if step.peak is not None), default=None)
