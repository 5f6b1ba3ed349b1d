"""One image's two calls: what each recognised, and every figure of one beside that of the other."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from msgspec.structs import replace

from factories import MIB, PREDICTIONS, make_answer, make_client, make_facts
from reports import by_hand, failed_by_hand, rows, session
from resnet_bench.report.beside import beside
from resnet_bench.report.call import calls
from resnet_bench.report.captions import UNTRAINED
from resnet_bench.report.cells import sheet
from resnet_bench.report.recognised import recognised
from resnet_bench.report.rows import Bar, Table
from resnet_bench.results.records import Sample, Skipped
from resnet_bench.units import ABSENT

LOCAL, REMOTE = by_hand("local"), by_hand("remote")
COLD = (by_hand("local", phase="cold"), by_hand("remote", phase="cold"))


def of(local: Sample | None, remote: Sample | None) -> Table:
    return beside(session(*(one for one in (local, remote) if one is not None)), local, remote)


def shown(local: Sample | None, remote: Sample | None) -> dict[tuple[str, str], tuple[Any, Any]]:
    return {(one["group"], one["what"]): (one["local"], one["remote"]) for one in rows(of(local, remote))}


def test_both_calls_are_told_of_whatever_either_knows() -> None:
    found = shown(LOCAL, REMOTE)
    assert found["stages", "decode"] == (pytest.approx(0.008), pytest.approx(0.04))
    assert found["stages", "JSON parse"] == (None, pytest.approx(0.001))
    assert found["stages", "read"] == (pytest.approx(0.0008), None)
    assert found["client", "wait"] == (None, pytest.approx(0.2053))
    assert found["client", "HTTP status"] == (None, 200)
    assert found["X-Ray", "invocation"] == (None, pytest.approx(0.202))
    assert found["request", "trace id"] == (None, "1-6740a1b2-0123456789abcdef01234567")
    assert found["request", "cold start"] == (None, "no")
    assert found["memory", "peak RSS"] == (480 * MIB, 480 * MIB)
    assert found["memory", "Max Memory Used"] == (None, 512 * MIB)
    assert found["memory", "utilisation"] == (None, 480 / 1024)
    assert found["image and model", "original"] == ("451 x 300 pixels", "451 x 300 pixels")


@pytest.mark.parametrize(("local", "remote"), [(LOCAL, REMOTE), COLD, (LOCAL, COLD[1]), (COLD[0], REMOTE)])
def test_it_is_what_each_side_alone_tells_in_the_same_words(local: Sample, remote: Sample) -> None:
    both = of(local, remote)
    for place, sample in ((1, local), (2, remote)):
        (alone,) = calls(session(sample))
        told = {(row.group.replace("handler", "stages"), *row.cells) for row in alone.rows}
        column = {(row.group, row.cells[0], row.cells[place]) for row in both.rows if row.cells[place] is not None}
        assert column == told


@pytest.mark.parametrize(
    ("local", "remote"),
    [(LOCAL, REMOTE), COLD, (COLD[0], REMOTE), (failed_by_hand("local"), REMOTE), (LOCAL, failed_by_hand("remote"))],
)
def test_groups_stay_together_in_the_order_of_a_call(local: Sample, remote: Sample) -> None:
    groups = [group for group, _ in itertools.groupby(row.group for row in of(local, remote).rows)]
    order = ["", "client", "stages", "X-Ray", "request", "memory", "process start", "image and model"]
    assert groups == [group for group in order if group in groups]


def test_stages_stand_in_the_order_in_which_they_happen() -> None:
    stages = [what for group, what in shown(LOCAL, REMOTE) if group == "stages"]
    in_order = ["JSON parse", "from base64", "read", "decode", "preprocess", "inference", "postprocess", "total"]
    assert stages == in_order


def test_what_one_side_cannot_have_is_absent_and_what_is_missing_says_why() -> None:
    late = Skipped("not complete yet: X-Ray knows no such trace", pending=True)
    remote = replace(REMOTE, trace=late, report=Skipped("no log line within 50 s"))
    made = of(LOCAL, remote)
    texts = {line[0].strip(): line[1:] for line in sheet(made).lines}
    assert texts["times"] == (ABSENT, "not available: not complete yet: X-Ray knows no such trace")
    assert texts["Max Memory Used"] == (ABSENT, "not available: no log line within 50 s")


def test_a_number_beside_words_keeps_its_unit() -> None:
    cold = make_answer(0.04, engine="onnx", cold_start=True)
    assert cold.cold is not None
    local = by_hand("local", phase="cold", outcome=replace(cold, cold=replace(cold.cold, weights_s=None)))
    remote = replace(COLD[1], client=replace(make_client(0.2), connect_s=0.001))
    texts = [line for line in sheet(of(local, remote)).lines if line[0].strip() in {"weights", "connect"}]
    assert [line[1:] for line in texts][:2] == [(ABSENT, "1.00 ms"), ("within engine", "350 ms")]


@pytest.mark.parametrize("side", ["local", "remote"])
def test_a_failed_call_shows_why_in_its_own_column(side: Any) -> None:
    failed = failed_by_hand(side)
    found = shown(failed, REMOTE) if side == "local" else shown(LOCAL, failed)
    place = ("local", "remote").index(side)
    assert next(iter(found)) == ("", "no answer")
    assert found["", "no answer"][place] == "the endpoint answered 502"
    assert found["", "no answer"][1 - place] is None
    assert [pair[place] for pair in found.values() if pair[place] is not None][1:] == ([502] if place else [])


def test_a_side_that_was_not_called_has_no_column() -> None:
    made = of(None, REMOTE)
    assert [made.columns[index].name for index in made.filled] == ["what", "remote"]
    assert of(None, None).rows == ()


@pytest.mark.parametrize(("side", "title"), [("local", "This machine"), ("remote", "Lambda")])
def test_a_calls_classes_stand_under_its_side_with_bars_as_long_as_they_are_probable(side: Any, title: str) -> None:
    made = recognised(session(LOCAL, REMOTE), by_hand(side))
    assert made.title == title
    assert [one["name"] for one in rows(made)] == [one.name for one in PREDICTIONS]
    assert rows(made)[0]["bar"] == Bar(0.0, 0.61)
    assert sheet(made).lines[0][1] == "61.0 %"
    assert rows(made)[0]["wordnet_id"] == "n02123045"


def test_a_failed_call_recognised_nothing() -> None:
    assert recognised(session(LOCAL, failed_by_hand("remote")), failed_by_hand("remote")).rows == ()


def test_untrained_weights_are_told_under_both() -> None:
    local = by_hand("local", outcome=make_answer(engine="onnx", runtime=make_facts("onnx", trained=False)))
    for made in (of(local, REMOTE), recognised(session(local, REMOTE), REMOTE)):
        assert UNTRAINED in [caption.short for caption in made.captions]
