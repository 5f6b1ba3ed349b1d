"""Failed calls and seams, as every renderer tells of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from msgspec.structs import replace

from doubts import with_outcomes
from factories import make_attempt, make_failed, make_run, make_sample, make_samples
from resnet_bench.analysis.course import breaks, course
from resnet_bench.analysis.objective import ErrorObjective, Objective, parse_any
from resnet_bench.errors import UsageError
from resnet_bench.report import markdown, page_document, page_of, write_csv
from resnet_bench.report.captions import captions
from resnet_bench.report.failed import failed_calls, failed_sentence
from resnet_bench.report.figures.course import timeline
from resnet_bench.report.latency import side_by_side
from resnet_bench.report.objectives import misses, objectives_tables
from resnet_bench.report.rows import Span
from resnet_bench.results.records import Sample
from resnet_bench.results.run import Run, Seam

ONE = make_run(settings=replace(make_run().settings, engines=("onnx",)), samples=make_samples(engines=("onnx",)))


def failing(count: int = 3) -> Run:
    """``count`` warm calls to Lambda have failed, and one more was repeated."""

    def fail(sample: Sample) -> Sample:
        return replace(make_failed(engine="onnx", status=503), pair=sample.pair, phase=sample.phase)

    failed = with_outcomes(ONE, fail, count, phase="warm", side="remote")
    return with_outcomes(failed, lambda one: replace(one, attempts=(make_attempt(),)), phase="warm", side="local")


def test_a_row_for_each_place_tells_how_many_failed_of_how_many_and_why() -> None:
    table = failed_calls(failing())
    assert table is not None
    local, remote = (dict(zip((one.name for one in table.columns), row.cells, strict=True)) for row in table.rows)
    assert (remote["failed"], remote["calls"], remote["rate"], remote["reasons"]) == (3, 65, 3 / 65, "HTTP 503 3")
    assert isinstance(remote["interval"], Span)
    assert remote["interval"].low < 3 / 65 < remote["interval"].high
    assert (local["failed"], local["repeated"], local["reasons"]) == (0, 1, None)


def test_a_run_without_a_failure_has_no_such_table() -> None:
    assert failed_calls(ONE) is None
    assert failed_sentence(ONE) == ""


def test_every_rendering_tells_of_failures() -> None:
    page = page_of(failing())
    assert "Failed, and in none of these figures: 3 of 65 calls to Lambda with onnx" in page.verdict
    assert b'"failures"' in page_document(page)
    written = markdown((page,))
    assert "Calls that failed" in written
    assert "HTTP 503 3" in written


def test_pairs_that_lack_a_half_are_left_out_of_the_ratios_and_that_is_said() -> None:
    notes = side_by_side(failing()).notes
    assert any(note.startswith("onnx: 57 of 60 pairs; ") for note in notes), notes
    assert not any(" of 60 pairs" in note for note in side_by_side(ONE).notes)


# --- objectives ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "share"), [("errors=1%", 0.01), (" errors=0.5 %", 0.005), ("errors=0%", 0.0)])
def test_a_share_of_errors_can_be_asked_for(text: str, share: float) -> None:
    assert parse_any(text) == ErrorObjective(share, text.strip())
    assert isinstance(parse_any("p95=500ms"), Objective)


@pytest.mark.parametrize("text", ["errors=100%", "errors=1", "errors<1%", "errors=-1%", "error=1%"])
def test_what_is_no_share_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="no objective"):
        parse_any(text)


def test_a_side_misses_an_objective_by_its_errors_alone() -> None:
    objectives = [parse_any("p95=10s"), parse_any("errors=1%"), parse_any("errors=50%")]
    assert misses(failing(), objectives) == ("onnx on Lambda misses errors=1%",)
    latencies, errors = objectives_tables(failing(), objectives)
    assert [row.cells[-1] for row in latencies.rows] == ["pass", "pass, not certain"], "3 of 60 may hide behind p95"
    assert [row.cells[-1] for row in errors.rows] == ["pass, not certain", "fail, not certain", "pass", "pass"]


# --- seams --------------------------------------------------------------------------------------------------------


def resumed() -> Run:
    """Interrupted for two hours after two pairs; then three more."""
    clocks = [f"2026-11-29T08:00:{second:02d}+00:00" for second in (0, 1, 2, 3)]
    clocks += [f"2026-11-29T10:00:{second:02d}+00:00" for second in (3, 4, 5, 6, 7, 8)]
    samples = tuple(
        replace(make_sample("remote" if index % 2 else "local", engine="onnx", pair=index // 2), started_at=clock)
        for index, clock in enumerate(clocks)
    )
    return replace(
        ONE, samples=samples, seams=(Seam(resumed_at="2026-11-29T10:00:00+00:00", after_count=4, load_1m=0.2),)
    )


def test_a_caption_says_where_a_run_was_resumed() -> None:
    texts = [caption.text for caption in captions(resumed())]
    assert "resumed at 2026-11-29 10:00:00 UTC after 4 of 10 calls" in texts


def test_the_plot_of_the_run_leaves_the_interruption_out_and_marks_it() -> None:
    run = resumed()
    moments = [moment.at_s for moment in course(run, "onnx")]
    (found,) = breaks(run)
    assert moments == sorted(moments)
    assert moments[3] < found.at_s < moments[4] < 5, "two hours would leave no room for the calls"
    assert found.gap_s == 7200.0
    figure = timeline(run, "onnx")
    assert figure is not None
    (line,), (words,) = figure.layout["shapes"], figure.layout["annotations"]
    assert line["x0"] == line["x1"] == words["x"] == found.at_s
    assert words["text"] == "resumed 2 h 00 min later"
    assert "shapes" not in (timeline(replace(run, seams=()), "onnx") or figure).layout


def test_raw_samples_say_which_part_they_are_of(tmp_path: Path) -> None:
    write_csv({"": resumed()}, tmp_path / "samples.csv")
    assert pd.read_csv(tmp_path / "samples.csv")["part"].tolist() == [1] * 4 + [2] * 6


def test_all_of_a_resumed_run_makes_a_page() -> None:
    page = page_of(resumed(), verbose=True, drawn=True)
    assert any("resumed" in caveat.code for caveat in page.caveats)
    assert "resumed at" in markdown((page,))
