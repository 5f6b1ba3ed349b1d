"""No figure of a reduced precision or of fast decoding is shown without how it agrees with exact answers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.console import Console

from factories import make_run, make_samples
from inexact import INT8_FAST, inexact_run, inexact_sample, make_agreement
from reports import one_side, rows, table
from resnet_bench.benchmark.diff import diff
from resnet_bench.benchmark.reduced import Reduced, calibrated_apart, reduced
from resnet_bench.errors import ResultError
from resnet_bench.report import markdown, page_document, page_of, render_diff, render_page, write_csv
from resnet_bench.report.agreements import LITTLE, agreement_caption, in_words
from resnet_bench.report.changes import changes
from resnet_bench.report.html import html
from resnet_bench.report.names import named
from resnet_bench.results.records import FAST_DECODE, Answer
from resnet_bench.results.run import Run

INT8 = inexact_run(INT8_FAST)
FAST = inexact_run({"onnx": (0.03, 0.06)}, decode="fast")
EXACT = make_run(samples=make_samples(runs=6))
SHORT = "not exact; same top 1 as exact: onnx-int8 2 of 2"


def printed(run: Run) -> str:
    stream = io.StringIO()
    render_page(page_of(run), Console(file=stream, width=80))
    return " ".join(stream.getvalue().split())


def test_the_words_have_every_figure_of_held_out_images_and_of_the_calibration() -> None:
    (said,) = in_words([Reduced("onnx-int8", make_agreement())])
    assert said == (
        "onnx-int8 against fp32: same top 1 on 2 of 2 held-out images, same top 5 on 1, probabilities at most 0.600 "
        "points apart (of the 6 calibrated on: 5, 4, 1.20 points)"
    )
    (said,) = in_words([Reduced(FAST_DECODE, make_agreement(FAST_DECODE))])
    assert said.startswith("fast decode, not bit for bit: same top 1 on 2 of 2 sample images")


def test_with_untrained_weights_it_says_that_agreement_means_little() -> None:
    untrained = Reduced("onnx-int8", make_agreement(trained=False))
    assert in_words([untrained])[-1].endswith(f"; {LITTLE}")
    (caption,) = agreement_caption([untrained])
    assert caption.short.endswith(LITTLE)
    assert LITTLE in printed(inexact_run(INT8_FAST, trained=False))


def test_what_no_answer_tells_is_said_to_be_unknown_and_not_left_out() -> None:
    old = inexact_run(INT8_FAST, agreed=False)
    assert reduced(old.samples) == (Reduced("onnx-int8", None),)
    assert "onnx-int8: how its answers agree with exact ones is not known" in printed(old)
    assert "agreements" not in [one.name for one in page_of(old).tables], "and there is no table without a figure"


@pytest.mark.parametrize("run", [INT8, FAST], ids=["int8", "fast"])
def test_every_table_of_such_a_run_carries_it(run: Run) -> None:
    tables = page_of(run, verbose=True).tables
    assert len(tables) > 4
    for one in tables:
        told = " ".join(caption.text for caption in one.captions)
        assert "same top 1 on 2 of 2" in told or one.name == "agreements", one.name


def test_every_plot_of_such_a_run_carries_it() -> None:
    figures = [figure for section in page_of(INT8, drawn=True).sections for figure in section.figures]
    assert figures
    assert all(any("onnx-int8 against fp32" in caption.text for caption in figure.captions) for figure in figures)


def test_the_table_has_a_row_for_each_set_of_images() -> None:
    (made,) = [one for one in page_of(INT8).tables if one.name == "agreements"]
    shown = [(row["subject"], row["images"], row["images_count"], row["same_top1_count"]) for row in rows(made)]
    assert shown == [("onnx-int8", "calibration", 6, 5), ("onnx-int8", "held out", 2, 2)]


def test_terminal_markdown_html_and_json_show_the_same() -> None:
    page = page_of(INT8)
    words = "same top 1 on 2 of 2 held-out images"
    document = json.loads(page_document(page))
    texts = [printed(INT8), " ".join(markdown([page]).split()), " ".join(html([page]).split())]
    assert all(words in text for text in texts)
    assert all(SHORT in text for text in texts)
    for made in document["tables"]:
        assert any(words in note for note in made["notes"]) or made["name"] == "agreements"
    told = [one for one in document["result"]["samples"] if one["engine"] == "onnx-int8"]
    assert all(one["outcome"]["runtime"]["agreements"] for one in told)


def test_a_line_of_the_csv_has_its_decoding_and_its_agreement(tmp_path: Path) -> None:
    write_csv({"": replace(INT8, samples=(*INT8.samples, *FAST.samples))}, tmp_path / "samples.csv")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "samples.csv").read_text())))
    int8 = next(line for line in lines if line["engine"] == "onnx-int8")
    assert (int8["runtime_precision"], int8["runtime_decode"]) == ("int8", "exact")
    assert (int8["precision_agreement_same_top1_count"], int8["decode_agreement_same_top1_count"]) == ("2", "")
    fast = next(line for line in lines if line["engine"] == "onnx")
    assert (fast["runtime_decode"], fast["decode_agreement_images_count"]) == ("fast", "2")
    assert lines[0]["precision_agreement_images_count"] == "", "torch answers exactly"


def test_exact_runs_say_nothing_of_it() -> None:
    assert reduced(EXACT.samples) == ()
    assert "not exact" not in printed(EXACT)
    assert list(agreement_caption(())) == []


def test_two_sides_that_were_calibrated_on_other_images_are_both_told() -> None:
    here, there = inexact_sample("local", "onnx-int8", 0.01), inexact_sample("remote", "onnx-int8", 0.02)
    other = make_agreement(images_sha256="c" * 64)
    assert isinstance(there.outcome, Answer)
    runtime = replace(there.outcome.runtime, agreements=(other,))
    there = replace(there, outcome=replace(there.outcome, runtime=runtime))
    assert [one.agreement for one in reduced((here, there))] == [make_agreement(), other]
    assert calibrated_apart((here, there)) == "onnx-int8"
    assert calibrated_apart(INT8.samples) == ""


def test_a_comparison_of_two_runs_carries_it_and_refuses_another_decoding() -> None:
    compared = diff(INT8, INT8)
    assert SHORT in changes(compared).captions[0].short
    stream = io.StringIO()
    render_diff(compared, Console(file=stream, width=80))
    assert "onnx-int8 against fp32" in stream.getvalue()
    with pytest.raises(ResultError, match="decoding: exact against fast"):
        diff(inexact_run({"onnx": (0.03, 0.06)}), FAST)


def test_one_side_s_page_carries_it_too() -> None:
    run = one_side("local", (inexact_sample("local", "onnx-int8", 0.01),), engines=("onnx-int8",))
    assert "onnx-int8 against fp32" in printed(run)


def test_no_verdict_takes_an_approximate_engine_for_an_exact_one() -> None:
    assert (named("onnx"), named("openvino-bf16")) == ("onnx", "openvino-bf16 (not exact)")
    colds = tuple(replace(one, phase="cold", pair=20) for one in make_samples(runs=0, cold=1, warmup=0))
    fast = tuple(replace(one, engine="onnx-int8") for one in colds if one.engine == "onnx" and one.side == "remote")
    run = replace(INT8, samples=(*INT8.samples, *colds[:2], *fast))
    assert "and the onnx-int8 (not exact) engine" in page_of(run).verdict


def test_engines_stand_beside_each_other_with_ratios_to_the_first() -> None:
    made = rows(table(INT8, "by_engine"))
    assert [row["engine"] for row in made] == ["torch", "onnx-int8"]
    assert made[0]["local_ratio"] is None
    for side in ("local", "remote"):
        ratio, interval = made[1][f"{side}_ratio"], made[1][f"{side}_ratio_interval"]
        assert ratio == pytest.approx(0.2, rel=0.1)
        assert interval.low < ratio < interval.high
    names = [one.name for one in page_of(EXACT).tables]
    assert "by_engine" not in names, "two exact engines need no list"
    few = rows(table(inexact_run(INT8_FAST, runs=3), "by_engine"))
    assert few[1]["local_ratio"] is None, "no ratio without its interval"
