"""What is printed fits 80 columns, whole, with and without colour, in UTF-8 and in ASCII.

RENEW_GOLDEN=1 in the environment writes the golden files anew; read their difference before it is committed.
"""

from __future__ import annotations

import dataclasses
import io
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from factories import (
    make_client,
    make_deployment,
    make_enforcement,
    make_failed,
    make_run,
    make_sample,
    make_samples,
    make_settings,
)
from reports import disagreeing, one_side
from resnet_bench.benchmark.diff import diff
from resnet_bench.report import page_of, render_diff, render_page
from resnet_bench.report.captions import UNTRAINED
from resnet_bench.report.cells import sheet
from resnet_bench.report.rows import Column, Row, Span, Table
from resnet_bench.report.tables import tables_for
from resnet_bench.report.terminal import fitted
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Run

GOLDEN = Path(__file__).parents[2] / "golden"


def printed(run: Run, *, width: int = 80, encoding: str = "utf-8", verbose: bool = False, **options: Any) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    render_page(page_of(run, verbose=verbose), Console(file=stream, width=width), **options)
    stream.flush()
    return raw.getvalue().decode(encoding)


def remote_call() -> Run:
    report = Skipped("no log line within 50 s", pending=True)
    return one_side("remote", (make_sample("remote", total_s=0.2, phase="cold", report=report),))


def golden(name: str, text: str) -> None:
    path = GOLDEN / f"report-{name}.txt"
    if os.environ.get("RENEW_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_comparison_reads_as_it_did() -> None:
    golden("compare", printed(make_run()))


def test_a_verbose_comparison_of_one_engine_reads_as_it_did() -> None:
    samples = make_samples(runs=20, engines=("onnx",))
    run = make_run(samples=samples, settings=make_settings(engines=("onnx",), runs=20))
    golden("compare-verbose", printed(run, verbose=True))


def test_a_remote_call_reads_as_it_did() -> None:
    golden("remote", printed(remote_call()))


def test_a_local_call_reads_as_it_did() -> None:
    golden("local", printed(one_side("local", (make_sample(phase="cold"),))))


def test_a_disagreement_reads_as_it_did() -> None:
    golden("disagreement", printed(disagreeing()))


def test_a_comparison_of_two_runs_reads_as_it_did() -> None:
    before, after = make_run(), make_run(samples=make_samples(seed=2, remote_s=0.25))
    stream = io.StringIO()
    render_diff(diff(before, after), Console(file=stream, width=80))
    golden("diff", stream.getvalue())


def test_a_wide_terminal_gets_80_columns_unless_it_asks() -> None:
    run = make_run(runs=6)
    assert printed(run, width=200) == printed(run)
    stream = io.StringIO()
    render_page(page_of(run), Console(file=stream, width=200), width=160)
    assert " max " in stream.getvalue()


durations = st.floats(1e-6, 900)
# Wide, narrow and combining characters among them.
names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60)


# Comparisons of any speed, size, names and gaps; built in the test, because a whole run fills pages when one fails.
plans = st.fixed_dictionaries(
    {
        "runs": st.sampled_from([0, 2, 8]),
        "cold": st.integers(0, 2),
        "engines": st.sampled_from([("torch",), ("torch", "onnx"), ("openvino-int8", "onnx", "torch")]),
        "local_s": durations,
        "remote_s": durations,
        "seed": st.integers(0, 9),
        "image": names,
        "reason": names,
        "mechanism": st.sampled_from(["cgroup-v1", "throttle", "none"]),
        "command": st.sampled_from(["compare", "local", "remote"]),
        "finished": st.booleans(),
    }
)


def built(plan: dict[str, Any]) -> Run:
    """One in four remote calls lacks its trace, one its REPORT line, one its client times; the last call failed."""
    draw = random.Random(plan["seed"])
    measured = {name: plan[name] for name in ("runs", "cold", "engines", "local_s", "remote_s", "seed")}
    samples = []
    for sample in make_samples(warmup=0, **measured):
        gap = draw.choice(["none", "trace", "report", "client"]) if sample.side == "remote" else "none"
        missing = {} if gap == "none" else {gap: Skipped(plan["reason"])}
        samples.append(replace(sample, image=plan["image"], **missing))
    enforcement = make_enforcement(plan["mechanism"], description=plan["reason"])
    return make_run(
        samples=(*samples, make_failed(pair=1000)),
        deployment=make_deployment(enforcement=enforcement),
        settings=make_settings(command=plan["command"], runs=plan["runs"]),
        finished=plan["finished"],
    )


@settings(max_examples=25, deadline=None)
@given(plan=plans, verbose=st.booleans())
def test_any_run_fits_80_columns(plan: dict[str, Any], verbose: bool) -> None:
    for line in printed(built(plan), verbose=verbose).splitlines():
        assert cell_len(line) <= 80, line
        assert line == line.rstrip()


@settings(max_examples=10, deadline=None)
@given(plan=plans)
def test_every_figure_of_a_shown_column_is_printed_whole(plan: dict[str, Any]) -> None:
    run = built(plan)
    words = printed(run).split()
    for table in tables_for(run):
        layout = fitted(table, 80)
        for line in layout.text.lines:
            for index in layout.shown:
                if table.columns[index].kind != "text":
                    assert set(line[index].split()) <= {*words} or table.columns[index].fold


@settings(max_examples=10, deadline=None)
@given(plan=plans)
def test_an_ascii_terminal_gets_ascii_of_the_same_width(plan: dict[str, Any]) -> None:
    text = printed(built(plan), encoding="ascii")
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80


def test_figures_are_never_cut_on_a_narrow_terminal() -> None:
    text = printed(make_run(runs=6), width=40)
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    narrow = {word for word in text.split() if word[0].isdigit()}
    assert {word for word in printed(make_run(runs=6)).split() if word.startswith("40.")} <= narrow


def test_quiet_prints_the_verdict_only() -> None:
    run = make_run(runs=6)
    assert " ".join(printed(run, quiet=True).split()) == page_of(run).verdict


def test_quiet_prints_one_line_an_image_of_a_single_side() -> None:
    assert printed(remote_call(), quiet=True) == "cat.jpg: tabby (n02123045), 61.0 %, torch\n"


@pytest.mark.parametrize("quiet", [False, True])
def test_untrained_weights_are_told_however_little_is_printed(quiet: bool) -> None:
    sample = make_sample()
    answer = replace(sample.outcome, runtime=replace(sample.outcome.runtime, trained=False))
    for command in ("compare", "local"):
        assert UNTRAINED in printed(one_side(command, (replace(sample, outcome=answer),)), quiet=quiet)


def test_caveats_are_shown_with_their_next_steps_and_interruption_is_told() -> None:
    text = printed(make_run(runs=5, finished=False))
    assert "- too few warm runs for steady figures" in text
    assert "  --runs 20 at least" in text
    assert "interrupted" in text


def test_a_file_called_like_markup_is_printed_as_it_is_called() -> None:
    assert "[red]a[/red].jpg" in printed(make_run(samples=(make_sample(image="[red]a[/red].jpg"),)))


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "xterm-256color"}])
def test_a_terminal_without_colour_gets_no_colour_codes(variables: dict[str, str]) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, _environ=variables)
    render_page(page_of(make_run(runs=3)), console)
    text = stream.getvalue()
    assert "\x1b[3" not in text.replace("\x1b[39m", ""), "bold and dim carry no colour"
    assert ("\x1b" in text) == (variables.get("TERM") == "xterm-256color" or "NO_COLOR" in variables)


def test_importing_the_report_loads_neither_rich_nor_pandas() -> None:
    code = "import sys, resnet_bench.report; sys.exit(bool({'rich', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


SMALL = Table(
    name="small",
    title="Small",
    columns=(
        Column("what", ""),
        Column("value", "value", "seconds"),
        Column("change", "change", "seconds", signed=True),
    ),
    rows=(Row(("a", 0.2, 0.1)), Row(("b", 0.0004, None)), Row(("c", Span(0.1, 0.2), -0.05))),
)


def test_all_times_of_a_table_share_one_unit_and_their_points_stand_below_each_other() -> None:
    text = sheet(SMALL, aligned=True)
    assert text.title == "Small, ms"
    assert [line[1] for line in text.lines] == ["200    ", "  0.400", "[100, 200]"]
    assert [line[2] for line in text.lines] == ["+100  ", "   \N{EN DASH}  ", " -50.0"]


def test_a_table_of_several_kinds_carries_its_units_beside_the_numbers() -> None:
    mixed = replace_table(
        SMALL,
        rows=(Row(("a", 0.2, None)), Row(("b", 2048, None), kind="bytes"), Row(("c", 0.469, None), kind="percent")),
        inline_units=True,
    )
    assert [line[1] for line in sheet(mixed).lines] == ["200 ms", "2.00 KB", "46.9 %"]
    assert sheet(mixed).title == "Small"


def replace_table(table: Table, **changes: Any) -> Table:
    return dataclasses.replace(table, **changes)


def test_a_table_that_is_too_wide_loses_what_may_go_first() -> None:
    digits = "0123456789" * 3
    columns = tuple(Column(name, name, drop=drop) for name, drop in (("kept", 0), ("last", 1), ("first", 2)))
    table = Table("wide", "Wide", columns, (Row((digits, digits, digits)),))
    assert fitted(table, 100).shown == (0, 1, 2)
    assert fitted(table, 80).shown == (0, 1)
    assert fitted(table, 40).shown == (0,)
    assert fitted(table, 10).shown == (0,)


def test_a_client_that_measured_connecting_shows_it() -> None:
    client = replace(make_client(0.3), connect_s=0.0123, tls_s=0.0456)
    text = printed(one_side("remote", (make_sample("remote", client=client),)))
    assert "12.3 " in text
    assert "45.6 " in text


def test_times_that_are_worlds_apart_still_fit() -> None:
    samples = make_samples(runs=8, cold=0, local_s=1e-5, remote_s=103)
    text = printed(make_run(samples=samples))
    assert max(map(len, text.splitlines())) <= 80
    assert "difference" not in text


def test_characters_without_a_width_take_one_place_each_in_ascii() -> None:
    accents = "a" + "\N{COMBINING ACUTE ACCENT}" * 30 + ".jpg"
    text = printed(make_run(samples=(make_sample(image=accents),)), encoding="ascii")
    assert max(map(len, text.splitlines())) <= 80
    assert "tabby  n02123045   61.0 %" in text
