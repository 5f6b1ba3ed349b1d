"""A session of the page is told as the comparison that it is, however little there was to compare."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from reports import SESSIONS, by_hand, session
from resnet_bench.progress import SILENT
from resnet_bench.report import markdown, page_of, render_page
from resnet_bench.report.gathered import gather
from resnet_bench.report.html import html
from resnet_bench.report.tables import tables_for
from resnet_bench.results.run import Run


@pytest.fixture(params=SESSIONS.values(), ids=SESSIONS)
def run(request: pytest.FixtureRequest) -> Run:
    made: Run = request.param()
    return made


def test_it_has_the_tables_of_a_comparison() -> None:
    whole = session(*(by_hand(side, pair) for pair in range(3) for side in ("local", "remote")))
    assert [one.name for one in tables_for(whole)] == ["latency", "distribution", "memory", "traces", "predictions"]


def test_every_renderer_stands_a_session_with_little_to_tell(run: Run) -> None:
    (page,) = gather([("session.json", run)], SILENT)
    words = [page.headline[0], page.verdict, *(caveat.message for caveat in page.caveats)]
    printed = io.StringIO()
    render_page(page, Console(file=printed, width=1000), width=1000)
    for told in (printed.getvalue(), html((page,)), markdown((page,))):
        assert all(one in told.replace("\\_", "_") for one in words)


def test_it_never_judges_and_names_what_measures_enough(run: Run) -> None:
    page = page_of(run)
    assert page.verdict.startswith("No verdict")
    told = [page.verdict, *(caveat.next_step for caveat in page.caveats)]
    assert not [one for one in told if "--" in one and "resnet-bench compare" not in one]
    assert {caveat.code for caveat in page.caveats} >= ({"few-runs"} if run.samples else set())


def test_the_headline_counts_what_was_classified_whatever_each_call_met() -> None:
    said = [page_of(make()).headline[0] for make in SESSIONS.values()]
    counts = [1, 1, 1, 2, 1, 1, 1, 0]
    assert said == [f"resnet-bench serve, onnx: {n} classification{'' if n == 1 else 's'}, 1 image" for n in counts]


def test_no_month_is_priced_by_calls_made_by_hand() -> None:
    warm = [by_hand(side, pair) for pair in range(8) for side in ("local", "remote")]
    run = session(*warm, by_hand("remote", 8, phase="cold"))
    (page,) = gather([("session.json", run)], SILENT)
    assert page.sections == page_of(run, verbose=True, drawn=True).sections
