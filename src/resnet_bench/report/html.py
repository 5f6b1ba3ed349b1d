"""A run as one HTML file: the terminal's rows and words, with plots. It loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import resources
from itertools import groupby
from xml.etree.ElementTree import Element

from resnet_bench import __version__
from resnet_bench.report.captions import UNTRAINED, untrained
from resnet_bench.report.cells import sheet
from resnet_bench.report.conditions import headline
from resnet_bench.report.figures import Figure, metric_figures, run_figures
from resnet_bench.report.markup import page, tag
from resnet_bench.report.rows import Caption, Row, Table
from resnet_bench.report.tables import caveats_for, tables_for
from resnet_bench.report.verdicts import verdict
from resnet_bench.report.watched import watched
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.run import Caveat, Run

# Even if a text found its way out of its element, no browser would load or run anything for it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_TITLE = "resnet-bench: CloudWatch metrics"


def html(run: Run | None, metrics: Sequence[MetricSeries] = ()) -> str:
    """The whole document."""
    heads = (_TITLE,) if run is None else headline(run)
    teller = _Teller()
    return page(
        tag(
            "html",
            tag(
                "head",
                tag("meta", charset="utf-8"),
                tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
                tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                tag("meta", name="color-scheme", content="light dark"),
                tag("title", heads[0]),
                tag("style", resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")),
            ),
            tag(
                "body",
                tag("header", tag("h1", heads[0]), [tag("p", line) for line in heads[1:]]),
                tag("main", [] if run is None else _run(run, teller), _metrics(metrics, teller)),
                tag("footer", tag("p", _made(run))),
            ),
            lang="en",
        )
    )


class _Teller:
    """Says where figures are from: at length the first time on the page, in short from then on, never not at all."""

    def __init__(self) -> None:
        self._told: set[Caption] = set()

    def sources(self, captions: tuple[Caption, ...]) -> list[Element]:
        made = [tag("p", one.short if one in self._told else one.text, class_="source") for one in captions]
        self._told.update(captions)
        return made


def _run(run: Run, teller: _Teller) -> Iterator[Element]:
    if run.settings.command == "compare":
        yield _section("Verdict", [tag("p", verdict(run), class_="verdict")])
    if untrained(run):
        yield tag("p", UNTRAINED, class_="warning")
    if caveats := caveats_for(run):
        yield _section("Caveats", [tag("ul", map(_caveat, caveats), class_="caveats")])
    if figures := list(run_figures(run)):
        yield _section("Plots", [_gallery(figures, teller)])
    yield _section("Tables", [_table(table, teller) for table in tables_for(run, verbose=True)])


def _metrics(metrics: Sequence[MetricSeries], teller: _Teller) -> Iterator[Element]:
    table = watched(metrics)
    if table is not None:
        yield _section("CloudWatch", [_gallery(metric_figures(metrics), teller), _table(table, teller)])


def _made(run: Run | None) -> str:
    return f"resnet-bench {__version__}" if run is None else f"resnet-bench {__version__}; measured {run.created_at}"


def _section(title: str, children: list[Element]) -> Element:
    return tag("section", tag("h2", title), children)


def _caveat(caveat: Caveat) -> Element:
    return tag("li", caveat.message, tag("span", caveat.next_step, class_="next"))


def _gallery(figures: Iterator[Figure] | list[Figure], teller: _Teller) -> Element:
    return tag("div", [_figure(one, teller) for one in figures], class_="gallery")


def _figure(one: Figure, teller: _Teller) -> Element:
    note = tag("p", one.note, class_="note") if one.note else None
    return tag(
        "figure",
        tag("h3", one.title),
        one.drawing,
        one.key,
        tag("figcaption", note, teller.sources(one.captions)),
    )


def _table(table: Table, teller: _Teller) -> Element:
    """The same texts as on the terminal, in a frame that scrolls by itself where the screen is narrower."""
    cells = sheet(table)
    shown = table.filled
    head = [_head(cells.headers[index], _align(table, index)) for index in shown]
    lines = zip(table.rows, cells.lines, strict=True)
    bodies = [
        tag("tbody", _group(name, len(shown)), [_line(table, row, line, shown) for row, line in rows])
        for name, rows in groupby(lines, key=lambda each: each[0].group)
    ]
    grid = tag("table", tag("caption", cells.title), tag("thead", tag("tr", head)), bodies)
    return tag(
        "div",
        tag("div", grid, class_="frame", role="region", aria_label=cells.title, tabindex="0"),
        teller.sources(table.captions),
        [tag("p", note, class_="note") for note in table.notes],
        class_="table",
    )


def _head(words: str, align: str | None) -> Element:
    return tag("th", words, scope="col", class_=align) if words else tag("td")


def _group(name: str, width: int) -> Element | None:
    return tag("tr", tag("th", name, scope="rowgroup", colspan=str(width)), class_="group") if name else None


def _line(table: Table, row: Row, line: tuple[str, ...], shown: tuple[int, ...]) -> Element:
    depth = f"l{row.level + bool(row.group)}"
    words = line[shown[0]].strip()
    # What is not repeated for the eye is still the row's name for who cannot see the row above.
    name = words or tag("span", str(row.cells[shown[0]] or ""), class_="again")
    first = tag("th", name, scope="row", class_=depth)
    return tag("tr", first, [tag("td", line[index], class_=_align(table, index)) for index in shown[1:]])


def _align(table: Table, index: int) -> str | None:
    """Numbers stand below each other; numbers that carry their unit begin at the left, as texts do."""
    column = table.columns[index]
    if column.kind == "text":
        return "words" if column.fold else None
    if column.kind == "trend":
        return "trend"
    return None if table.inline_units else "number"
