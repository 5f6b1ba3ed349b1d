"""One remote call as a plot: a row for each clock that saw it, each from 0, with every part's name and length."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from factories import make_client
from reports import by_hand, failed_by_hand, session
from resnet_bench.report.captions import captions
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.call import call_timeline
from resnet_bench.results.records import Sample, Skipped

REMOTE, COLD = by_hand("remote"), by_hand("remote", phase="cold")


def drawn(sample: Sample) -> Figure:
    made = call_timeline(session(sample), sample)
    assert made is not None
    return made


def parts(figure: Figure) -> dict[str, list[str]]:
    return {trace["name"]: [name for name, _ in trace["customdata"]] for trace in figure.traces}


def test_a_warm_call_has_a_row_for_client_platform_and_handler() -> None:
    new = by_hand("remote", client=replace(make_client(0.206), connect_s=0.001, tls_s=0.002))
    found = parts(drawn(new))
    assert found["client"][:6] == ["prepare", "connect", "TLS", "send", "wait", "receive"]
    assert found["X-Ray"] == ["invocation", "overhead", "the rest"]
    assert found["handler"] == [
        *("JSON parse", "from base64", "decode", "preprocess", "inference", "postprocess", "between stages")
    ]


def test_a_cold_call_shows_its_environments_start_by_the_platforms_clock_and_by_its_own() -> None:
    figure = drawn(COLD)
    found = parts(figure)
    assert list(found) == ["client", "X-Ray", "start", "handler"]
    assert found["X-Ray"][:2] == ["provisioning", "initialization"]
    assert found["start"] == ["interpreter", "imports", "weights", "engine"]
    assert "start: the fresh process's own account" in figure.note
    assert "start:" not in drawn(REMOTE).note


@pytest.mark.parametrize("sample", [REMOTE, COLD], ids=["warm", "cold"])
def test_each_row_begins_at_0_and_its_bars_stand_end_to_end(sample: Sample) -> None:
    figure = drawn(sample)
    for trace in figure.traces:
        begin, lengths = trace["base"], trace["x"]
        assert begin[0] == 0
        assert begin[1:] == pytest.approx([start + x for start, x in zip(begin, lengths, strict=True)][:-1])
        assert set(trace["y"]) == {trace["name"]}
    assert "from 0: only durations are measured" in figure.note


@pytest.mark.parametrize("sample", [REMOTE, COLD], ids=["warm", "cold"])
def test_no_two_parts_of_a_row_share_a_colour(sample: Sample) -> None:
    for trace in drawn(sample).traces:
        colors = trace["meta"]["color"]
        assert len(set(colors)) == len(colors) == len(trace["x"])


def test_without_a_trace_its_row_is_left_out_and_the_words_say_why() -> None:
    figure = drawn(by_hand("remote", trace=Skipped("sampled out")))
    assert list(parts(figure)) == ["client", "handler"]
    assert "X-Ray: not available: sampled out" in figure.description


def test_its_words_tell_every_part_with_its_length() -> None:
    figure = drawn(REMOTE)
    assert figure.description.startswith("In ms: client: prepare 0.300, send 0.200, wait 205, receive 0.100")
    assert "handler: JSON parse 1.00" in figure.description
    assert figure.captions == captions(session(REMOTE))


def test_a_call_by_invoke_is_one_span_to_its_client() -> None:
    unseen: dict[str, Any] = dict.fromkeys(("send_s", "wait_s", "receive_s"))
    assert parts(drawn(by_hand("remote", client=replace(make_client(0.206), **unseen))))["client"] == [
        "prepare",
        "call",
    ]


@pytest.mark.parametrize("sample", [failed_by_hand("remote"), by_hand("local"), by_hand("local", phase="cold")])
def test_without_an_answer_from_lambda_nothing_is_drawn(sample: Sample) -> None:
    assert call_timeline(session(sample), sample) is None
