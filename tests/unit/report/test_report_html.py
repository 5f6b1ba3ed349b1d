"""The HTML report: the terminal's cells and words, whole and alone in one file, whatever the labels are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import (
    make_deployment,
    make_enforcement,
    make_failed,
    make_run,
    make_sample,
    make_samples,
)
from html_page import Node, parsed
from metric_series import make_series
from reports import disagreeing, one_side
from resnet_bench.errors import ResultError
from resnet_bench.report import metrics_page, page_of, write_page_html
from resnet_bench.report.cells import sheet
from resnet_bench.report.html import html
from resnet_bench.report.html.markup import page, tag
from resnet_bench.report.tables import caveats_for
from resnet_bench.report.watched import watched
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Run

METRICS = (
    make_series(),
    make_series(label="p90", points=()),
    make_series(title="Memory", label="peak RSS", unit="bytes"),
    make_series(title="Errors", label="rate", points=Skipped("an expression")),
)


def report(run: Run, metrics: Sequence[MetricSeries] = ()) -> str:
    return html((page_of(run, metrics=metrics, verbose=True, drawn=True),))


def tables(root: Node) -> dict[str, list[list[str]]]:
    """Rows of texts by caption; rows that name a group are left out."""
    found = {}
    for one in root.all("table"):
        (caption,) = one.all("caption")
        rows = [row for row in one.all("tr") if not row.classed("group")]
        cells = [[child for child in row.children if isinstance(child, Node)] for row in rows]
        found[caption.text()] = [[cell.text(without="again") for cell in line] for line in cells]
    return found


def expected(run: Run) -> dict[str, list[list[str]]]:
    made = {}
    for table in page_of(run, verbose=True).tables:
        texts = sheet(table)
        lines = [[line[index] for index in table.filled] for line in (texts.headers, *texts.lines)]
        made[texts.title] = [[line[0].strip(), *line[1:]] for line in lines]
    return made


RUNS = {
    "comparison": make_run,
    "no limits": lambda: make_run(runs=8, deployment=make_deployment(enforcement=make_enforcement("none"))),
    "two images": lambda: make_run(
        samples=tuple(replace(one, image=f"{one.pair % 2}.jpg") for one in make_samples(runs=8))
    ),
    "one pair": lambda: make_run(runs=1, samples=make_samples(runs=1, cold=0, warmup=0)),
    "no cold start": lambda: make_run(samples=make_samples(runs=8, cold=0)),
    "one call": lambda: one_side("remote", (make_sample("remote", total_s=0.2, phase="cold"),)),
    "local calls": lambda: one_side("local", tuple(make_sample(pair=pair) for pair in range(8)), runs=8),
    "failures alone": lambda: make_run(samples=(make_failed("remote"), make_failed("local"))),
    "nothing": lambda: make_run(samples=(), finished=False),
    "disagreement": disagreeing,
}


@pytest.fixture(params=RUNS.values(), ids=RUNS)
def run(request: pytest.FixtureRequest) -> Run:
    made: Run = request.param()
    return made


def test_the_tables_hold_the_same_cells_as_the_terminals(run: Run) -> None:
    assert tables(parsed(report(run))) == expected(run)


def test_the_metrics_table_holds_the_same_cells_as_the_terminals() -> None:
    made = watched(METRICS)
    assert made is not None
    texts = sheet(made)
    (found,) = tables(parsed(html((metrics_page(METRICS),)))).values()
    assert found[1:] == [[line[0].strip(), *line[1:]] for line in texts.lines]


def test_verdict_and_every_caveat_with_its_next_step_are_there(run: Run) -> None:
    words = parsed(report(run)).text()
    if run.settings.command == "compare":
        assert page_of(run).verdict in words
    for caveat in caveats_for(run):
        assert caveat.message in words
        assert caveat.next_step in words


def test_the_file_loads_nothing(run: Run) -> None:
    root = parsed(report(run, METRICS))
    assert not [one for name in ("link", "img", "iframe", "object", "base") for one in root.all(name)]
    assert all(str(one.attributes["href"]).startswith("#") for one in root.all("a"))
    assert not [one for one in root.everything() if "src" in one.attributes]
    assert not re.search(r"url\(|@import", root.all("style")[0].source())
    assert not [one for one in root.everything() for name in one.attributes if name.startswith("on") or name == "style"]


def test_every_link_leads_to_a_part_of_the_page(run: Run) -> None:
    root = parsed(html([page_of(run, verbose=True, drawn=True), metrics_page(METRICS)]))
    ids = {str(one.attributes["id"]) for one in root.everything() if "id" in one.attributes}
    links = [str(one.attributes["href"]) for one in root.all("a")]
    assert len(links) >= 3
    assert {link.removeprefix("#") for link in links} <= ids


def test_every_figure_and_every_table_says_where_its_figures_are_from(run: Run) -> None:
    root = parsed(report(run, METRICS))
    deployed = "Lambda: emulated" if run.deployment is not None else None
    blocks = [*root.all("figure"), *(one for one in root.all("div") if one.classed("table"))]
    assert blocks
    for block in blocks:
        sources = [one.text() for one in block.all("p") if one.classed("source")]
        of_run = not any("CloudWatch" in one for one in sources)
        assert sources or (of_run and deployed is None), block.text()
        if of_run and deployed:
            assert any(one.startswith(deployed) for one in sources)


def test_who_cannot_see_is_told_the_same(run: Run) -> None:
    root = parsed(report(run, METRICS))
    assert [one.attributes.get("lang") for one in root.all("html")] == ["en"]
    assert len(root.all("h1")) == len(root.all("title")) == 1
    ids = [str(one.attributes["id"]) for one in root.everything() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for figure in root.all("figure"):
        (plot,) = (one for one in figure.all("div") if one.classed("plot"))
        assert plot.attributes["role"] == "group"
        (title,) = (
            one for one in figure.everything() if one.attributes.get("id") == plot.attributes["aria-labelledby"]
        )
        (words,) = (
            one for one in figure.everything() if one.attributes.get("id") == plot.attributes["aria-describedby"]
        )
        assert title.text()
        assert words.text()
    for table in root.all("table"):
        assert all(one.attributes.get("scope") in {"col", "row", "rowgroup"} for one in table.all("th"))
        assert all(one.text() for one in table.all("th"))
    levels = [int(one.name[1]) for one in root.everything() if re.fullmatch("h[1-6]", one.name)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


HOSTILE = "</title></style></svg><script>alert(\"1\")</script><img src=x onerror='y'>&lt;\u202e\x00\x1b[31m\ud800"


def test_a_hostile_name_stays_a_name(tmp_path: Path) -> None:
    samples = tuple(replace(one, image=HOSTILE, engine=HOSTILE) for one in make_samples(runs=8))
    metrics = (make_series(title=HOSTILE, label=HOSTILE, remark=HOSTILE),)
    page = page_of(make_run(samples=samples), metrics=metrics, verbose=True, drawn=True)
    write_page_html((page, page), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    root = parsed(text)
    assert not root.all("img")
    assert '<script>alert("1")</script>' in root.text()
    assert not re.search("[\x00\x1b\u202e\ud800]", text)
    plots = [one.source() for one in root.all("script") if one.attributes.get("type") == "application/json"]
    assert plots
    assert not any("<" in plot for plot in plots)
    assert any("\\u0026lt;script\\u0026gt;alert" in plot for plot in plots)
    assert len(root.all("script")) == len(plots) + 2


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(), max_size=30), st.text(max_size=10))
def test_any_text_comes_back_as_text_and_as_an_attribute(words: str, more: str) -> None:
    text = page(tag("html", tag("p", words, tag("b", more), words, title=words)))
    (paragraph,) = parsed(text.encode().decode()).all("p")
    kept = tag("p", words).text or ""
    assert paragraph.text() == kept + (tag("b", more).text or "") + kept
    assert paragraph.attributes["title"] == kept
    plain = re.sub(r"[^\w <>&\"';/-]", "", words)
    assert re.sub(r"[^\w <>&\"';/-]", "", kept) == plain


def test_an_existing_report_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("x" * 10_000_000)
    write_page_html((page_of(make_run(runs=8), drawn=True),), path)
    parsed(path.read_text(encoding="utf-8"))
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="the HTML report could not be saved"):
        write_page_html((page_of(make_run(runs=8), drawn=True),), tmp_path / "missing" / "report.html")
