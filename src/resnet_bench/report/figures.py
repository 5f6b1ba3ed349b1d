"""Which plots a report shows, in the order in which they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from xml.etree.ElementTree import Element

from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.picks import engines
from resnet_bench.report.captions import captions
from resnet_bench.report.charts import charts, draw, key_to_lines, name_of
from resnet_bench.report.parts import MOST_STARTS, bars, key_to_parts, stages, start_bars, starts
from resnet_bench.report.plots import key_to
from resnet_bench.report.rows import Caption
from resnet_bench.report.spread import course, strip, totals
from resnet_bench.report.watched import provenance
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.run import Run


@dataclass(frozen=True)
class Figure:
    """A plot with its title, what its marks mean, and where its figures are from (never left out)."""

    title: str
    drawing: Element
    key: Element
    captions: tuple[Caption, ...]
    note: str = ""


def run_figures(run: Run) -> Iterator[Figure]:
    """Plots of each engine's calls; none where the sides classify differently, since no figures are compared then."""
    if agreement(run):
        return
    keys = (f"plot{number}" for number in count(1))
    for engine in engines(run):
        yield from _warm(run, engine, keys)
        yield from _parts(run, engine, keys)


def metric_figures(metrics: Sequence[MetricSeries]) -> Iterator[Figure]:
    """A chart for each widget of the dashboard."""
    for number, chart in enumerate(charts(metrics), 1):
        made = (provenance(chart.lines),)
        yield Figure(name_of(chart), draw(f"chart{number}", chart), key_to_lines(chart), made)


def _warm(run: Run, engine: str, keys: Iterator[str]) -> Iterator[Figure]:
    shown, unit = totals(run, engine)
    if not any(len(one.values) > 1 for one in shown):
        return
    images = len({sample.image for sample in run.samples})
    pooled = f" All {images} images together." if images > 1 else ""
    key, made = key_to(one.side for one in shown), captions(run)
    note = f"A mark for each call. Line: median; band: its 95 % interval.{pooled}"
    yield Figure(f"{engine}: warm totals", strip(next(keys), engine, shown, unit), key, made, note)
    title = f"{engine}: warm totals in the order measured, {unit.name}"
    yield Figure(title, course(next(keys), engine, shown, unit), key_to(one.side for one in shown), made)


def _parts(run: Run, engine: str, keys: Iterator[str]) -> Iterator[Figure]:
    made = captions(run)
    shown, unit = stages(run, engine)
    if shown:
        title = f"{engine}: where a warm call's time goes"
        note = "Medians of parts need not add up to the median of the whole."
        key = key_to((side for one in shown for side, _, _ in one.medians), bars=True)
        yield Figure(title, bars(next(keys), engine, shown, unit), key, made, note)
    cold = starts(run, engine)
    if any(one.parts for one in cold):
        note = f"Forced cold starts, a lower bound of natural ones; {MOST_STARTS} of each side at most are drawn."
        yield Figure(f"{engine}: cold starts", start_bars(next(keys), engine, cold), key_to_parts(cold), made, note)
