"""One call taken apart: everything that the ``local`` and ``remote`` commands tell about it."""

from __future__ import annotations

from collections.abc import Iterator

from resnet_bench.benchmark.series import STAGES
from resnet_bench.report.captions import captions
from resnet_bench.report.names import MEASURES, PHASES, SIDES
from resnet_bench.report.rows import Column, Kind, Row, Table, Value
from resnet_bench.results.records import Answer, ClientTimes, ColdStages, ReportLine, Sample, Side, Skipped, TraceTimes
from resnet_bench.results.run import Run

COLUMNS = (Column("what", ""), Column("value", "", "seconds", fold=True))

_CLIENT = ("prepare", "connect", "tls", "send", "wait", "receive", "total")
_WHOLE = ("prepare", "total")
_COLD = ("interpreter", "imports", "weights", "engine", "first_inference")
_TRACE = ("provisioning", "initialization", "invocation", "overhead", "total")
_COLD_ONLY = ("provisioning", "initialization")
# Whose clock the stages are by: the local worker has no handler.
STAGES_OF: dict[Side, str] = {"local": "stages", "remote": "handler"}
_YES = {True: "yes", False: "no"}


def calls(run: Run) -> tuple[Table, ...]:
    """For each engine and image, in the order given, the first answered call of each phase; no warm-ups.

    A process's start is told with the engine's first call here, whichever call it came with.
    """
    picked: dict[tuple[str, str, str], tuple[Sample, Answer]] = {}
    start: dict[str, ColdStages] = {}
    for sample in run.samples:
        answer = sample.outcome
        if isinstance(answer, Answer):
            if answer.cold is not None:
                start.setdefault(sample.engine, answer.cold)
            if sample.phase != "warmup":
                picked.setdefault((sample.engine, sample.image, sample.phase), (sample, answer))
    order = {image.name: place for place, image in enumerate(run.images)}
    shown = sorted(picked.values(), key=lambda pick: order.get(pick[0].image, len(order)))
    return tuple(_table(run, sample, answer, start.pop(sample.engine, None)) for sample, answer in shown)


def _table(run: Run, sample: Sample, answer: Answer, start: ColdStages | None) -> Table:
    return Table(
        name=f"call.{sample.engine}.{sample.phase}.{sample.image}",
        title=f"{sample.image}, {sample.engine}: one {PHASES[sample.phase]} {SIDES[sample.side]} call",
        columns=COLUMNS,
        rows=tuple(rows_of(sample, answer, start)),
        captions=captions(run),
        inline_units=True,
    )


def rows_of(sample: Sample, answer: Answer, start: ColdStages | None = None) -> Iterator[Row]:
    """All that an answered call tells, in groups. ``start`` is its process's where another call has told it."""
    yield from _client(sample)
    yield from _handler(sample, answer)
    yield from _trace(sample, cold_start=answer.identity.cold_start)
    yield from _request(sample, answer)
    yield from _memory(sample, answer)
    yield from _start(answer.cold or start)
    yield from _facts(answer)


def _client(sample: Sample) -> Iterator[Row]:
    if sample.side == "local":
        return
    group, times = "client", sample.client
    if isinstance(times, Skipped):
        yield _missing(group, "times", times)
        return
    # A call by Invoke is one step to its client: of its parts there is nothing to show.
    for part in _CLIENT if times.wait_s is not None else _WHOLE:
        title = "TLS" if part == "tls" else part
        value = getattr(times, f"{part}_s")
        if value is None:
            yield _row(group, title, "connection kept alive" if times.connect_s is None else "not used", "text")
        else:
            yield _row(group, title, value)
    yield from _answered(group, times)
    if sample.attempts:
        yield _row(group, "answered at try", len(sample.attempts) + 1, "count")


def _answered(group: str, times: ClientTimes) -> Iterator[Row]:
    yield _row(group, "sent", times.sent_bytes, "bytes")
    yield _row(group, "received", times.received_bytes, "bytes")
    yield _row(group, "HTTP status", times.http_status, "count")


def _handler(sample: Sample, answer: Answer) -> Iterator[Row]:
    group = STAGES_OF[sample.side]
    for stage in STAGES:
        value = getattr(answer.stages, f"{stage}_s")
        if value is not None:
            yield _row(group, MEASURES[stage], value)
    yield _row(group, "total", answer.stages.total_s)


def _trace(sample: Sample, *, cold_start: bool) -> Iterator[Row]:
    if sample.side == "local":
        return
    group = "X-Ray"
    if isinstance(sample.trace, TraceTimes):
        for part in _TRACE:
            value = getattr(sample.trace, f"{part}_s")
            if value is None and part in _COLD_ONLY and not cold_start:
                yield _row(group, part, "none on a warm start", "text")
            else:
                yield _row(group, part, value)
        yield _row(group, "HTTP status", sample.trace.http_status, "count")
    else:
        yield _missing(group, "times", sample.trace)


def _request(sample: Sample, answer: Answer) -> Iterator[Row]:
    if sample.side == "local":
        return
    identity = answer.identity
    yield _row("request", "request id", identity.request_id, "text")
    yield _row("request", "trace id", identity.trace_id, "text")
    yield _row("request", "sampled", None if identity.sampled is None else _YES[identity.sampled], "text")
    yield _row("request", "cold start", _YES[identity.cold_start], "text")


def _memory(sample: Sample, answer: Answer) -> Iterator[Row]:
    group, used = "memory", answer.memory
    yield _row(group, "peak RSS", used.peak_rss_bytes, "bytes")
    yield _row(group, "baseline RSS", used.baseline_rss_bytes, "bytes")
    if isinstance(sample.cgroup_peak_bytes, int):
        yield _row(group, "cgroup peak", sample.cgroup_peak_bytes, "bytes")
    if isinstance(sample.report, ReportLine):
        yield _row(group, "Max Memory Used", sample.report.max_memory_used_bytes, "bytes")
    elif sample.side == "remote":
        yield _missing(group, "Max Memory Used", sample.report)
    if used.limit_bytes is not None:
        yield _row(group, "limit", used.limit_bytes, "bytes")
        yield _row(group, "utilisation", used.utilisation, "percent")


def _start(start: ColdStages | None) -> Iterator[Row]:
    if start is not None:
        for part in _COLD:
            value = getattr(start, f"{part}_s")
            if value is None and part == "weights":
                yield _row("process start", part, "within engine", "text")
            else:
                yield _row("process start", part.replace("_", " "), value)


def _facts(answer: Answer) -> Iterator[Row]:
    group, runtime = "image and model", answer.runtime
    for title, (width, height) in (("original", answer.original_size), ("processed", answer.processed_size)):
        yield _row(group, title, f"{width} x {height} pixels", "text")
    yield _row(group, "weights", runtime.weights, "text")
    yield _row(group, "threads", runtime.threads_count, "count")


def _row(group: str, title: str, value: Value, kind: Kind | None = None) -> Row:
    return Row((title, value), group, kind=kind)


def _missing(group: str, title: str, skipped: Skipped) -> Row:
    return Row((title, f"not available: {skipped.reason}"), group, kind="text")
