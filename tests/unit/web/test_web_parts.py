"""What the page shows of one classification: words for every way in which it can end, and where figures are from."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from classified import make_classification, session, without_trace
from factories import make_answer, make_facts, make_failed
from html_page import Node, parsed
from resnet_bench.results.records import Answer, Failed, Sample, Skipped
from resnet_bench.web.classification import Classification
from resnet_bench.web.parts import call, outcome, parts_of, xray

HOSTILE = "</script><img src=x onerror=alert(1)>"


def shown(part: Any, one: Classification) -> Node:
    return parsed(f"<!doctype html>\n{part(session(one), one)}")


def classed(tree: Node, name: str) -> Node:
    (found,) = [one for one in tree.everything() if one.classed(name)]
    return found


def missing(late: Skipped) -> str:
    return f"the trace is not available: {late.reason}; the REPORT line is not available: {late.reason}."


def differing(one: Classification) -> Classification:
    remote = one.remote
    assert remote is not None
    assert isinstance(remote.outcome, Answer)
    other = tuple(replace(each, probability=each.probability * 0.9) for each in remote.outcome.predictions)
    one.remote = replace(remote, outcome=replace(remote.outcome, predictions=other))
    return one


def lambda_gone() -> Classification:
    failed = make_failed(engine="onnx", image="cat.jpg")
    return make_classification(remote=failed, hints={"remote": "is it still deployed?"})


def test_both_top_fives_stand_beside_each_other_with_bars_and_the_time_of_each() -> None:
    tree = shown(outcome, make_classification())
    sides = [one for one in tree.all("section") if one.classed("side")]
    assert [side.all("h3")[0].text() for side in sides] == ["This machine", "Lambda"]
    for side in sides:
        (body,) = side.all("tbody")
        assert [line.all("th")[0].text() for line in body.all("tr")][:2] == ["tabby", "tiger cat"]
        assert len(body.all("tr")) == 5
        assert len(body.all("rect")) == 5
    assert [classed(side, "time").text() for side in sides] == [
        "40.0 msby its process's clock, from file to answer",
        "206 msby this server's clock, from file to answer",
    ]


def test_that_both_agree_is_said_in_words_and_by_a_sign() -> None:
    line = classed(shown(outcome, make_classification()), "agreement")
    assert line.classed("agree")
    assert "Both sides agree" in line.text()
    assert line.all("span")[0].attributes["aria-hidden"] == "true"


def test_a_difference_is_told() -> None:
    line = classed(shown(outcome, differing(make_classification())), "agreement")
    assert line.classed("differ")
    assert "The two sides differ: tabby 0.61000 locally, tabby 0.54900 remotely." in line.text()


def test_a_failed_side_is_told_in_words_with_what_to_try() -> None:
    tree = shown(outcome, lambda_gone())
    assert "no answer from Lambda" in classed(tree, "agreement").text()
    assert classed(tree, "failure").text() == "No answer: the endpoint answered 502"
    assert classed(tree, "hint").text() == "is it still deployed?"
    assert len(tree.all("table")) == 1, "the other side's answer is there"


def test_when_both_have_failed_both_are_named() -> None:
    one = make_classification(local=make_failed("local"), remote=make_failed())
    assert "no answer from this machine and Lambda" in classed(shown(outcome, one), "agreement").text()


@pytest.mark.parametrize(
    ("asked", "met", "words"),
    [
        (True, True, "Cold start: as asked, both sides were started anew."),
        (False, True, "Cold start: Lambda had no environment ready."),
        (True, False, "No cold start: one was asked for"),
        (False, False, None),
    ],
)
def test_a_cold_start_is_said_with_why_it_was_one(asked: bool, met: bool, words: str | None) -> None:
    one = make_classification(cold=met)
    one.cold = asked
    told = [each.text() for each in shown(outcome, one).everything() if each.classed("cold-start")]
    assert [text[: len(words or "")] for text in told] == ([] if words is None else [words])


def test_a_cold_call_says_that_its_time_has_the_start_in_it() -> None:
    times = [one.text() for one in shown(outcome, make_classification(cold=True)).everything() if one.classed("time")]
    assert [text.partition("by ")[2] for text in times] == [
        "its process's clock, start included",
        "this server's clock, start included",
    ]


def test_a_start_that_is_not_known_gives_no_time() -> None:
    one = make_classification(cold=True)
    assert one.local is not None
    assert isinstance(one.local.outcome, Answer)
    one.local = replace(one.local, outcome=replace(one.local.outcome, cold=None))
    (side, _) = [each for each in shown(outcome, one).all("section") if each.classed("side")]
    assert not [each for each in side.everything() if each.classed("time")]


def test_every_part_says_what_is_emulated_and_untrained() -> None:
    untrained = make_answer(0.04, engine="onnx", runtime=make_facts("onnx", trained=False))
    one = make_classification()
    assert one.local is not None
    one.local = replace(one.local, outcome=untrained)
    for part in (outcome, call, xray):
        sources = [each.text() for each in shown(part, one).everything() if each.classed("source")]
        assert any(text.startswith("Lambda: emulated") for text in sources)
        assert any(text.startswith("untrained weights") for text in sources)


def test_the_figures_of_both_calls_stand_in_one_table() -> None:
    tree = shown(call, make_classification())
    (head,) = tree.all("thead")
    assert {"this machine", "Lambda"} <= {one.text() for one in head.all("th")}
    assert "inference" in tree.text()


LATE = Skipped("not indexed yet", pending=True)
NEVER = Skipped("it does not tell")


@pytest.mark.parametrize(
    ("asks", "state", "late", "words"),
    [
        (0, "tracing", LATE, "Not asked yet."),
        (2, "tracing", LATE, "Asked 2 of 10 times; next in 5 s."),
        (2, "done", None, "Asked 2 of 10 times: complete."),
        (10, "done", LATE, "Asked 10 of 10 times; " + missing(LATE)),
        (0, "done", NEVER, "Not asked: " + missing(NEVER)),
        (0, "done", None, "Not asked: all came with the answer."),
    ],
)
def test_how_often_x_ray_was_asked_and_how_it_stands(asks: int, state: Any, late: Skipped | None, words: str) -> None:
    one = make_classification(state=state, asks_count=asks)
    if late is not None:
        one.remote = without_trace(one.remote, late)
    assert classed(shown(xray, one), "count").text() == words


def test_a_traced_call_is_drawn() -> None:
    (drawn,) = shown(xray, make_classification()).all("figure")
    assert drawn.all("h4")
    assert drawn.all("figcaption")[0].text().startswith("Lambda: emulated") or drawn.text()


def test_of_a_call_without_an_answer_x_ray_tells_nothing() -> None:
    assert xray(session(lambda_gone()), lambda_gone()) == ""


def test_what_was_never_called_has_no_part_of_its_own() -> None:
    one = make_classification(local=None, remote=None)
    parts = parts_of(session(one), one)
    assert parts["call"] == parts["xray"] == ""
    assert "no answer from either side" in parts["outcome"]


def test_what_the_far_side_says_stays_text() -> None:
    failed = Failed(error="HttpError", message=HOSTILE, status=502)
    one = make_classification(name=HOSTILE, hints={"remote": HOSTILE})
    remote: Sample | None = one.remote
    assert remote is not None
    one.remote = replace(remote, outcome=failed)
    for part in (outcome, call):
        tree = shown(part, one)
        assert not [each for each in tree.everything() if "onerror" in each.attributes]
    assert HOSTILE in shown(outcome, one).text()
