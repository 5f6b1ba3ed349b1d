"""Which failures a run lives with, and where it stops asking."""

from __future__ import annotations

import pytest

from resnet_bench.benchmark.schedule import Place
from resnet_bench.benchmark.tolerance import HopelessPlaces, OneLostCall
from resnet_bench.errors import (
    AwsError,
    ConnectError,
    EngineError,
    ForeignAnswer,
    HttpError,
    OutOfMemory,
    RemoteTimeout,
    ResnetBenchError,
)

HERE, THERE = Place("onnx", "remote", "128 MB"), Place("onnx", "remote", "512 MB")
KILLED = OutOfMemory("killed at its limit")
LATE = RemoteTimeout("no answer in time")
FAILED = HttpError("it answered 502", status=502)
REFUSED = AwsError("AWS refused the settings", code="InvalidParameterValueException")


def test_a_comparison_excuses_a_lost_call_of_a_side_that_has_answered() -> None:
    tolerance = OneLostCall()
    assert not tolerance.excuses(HERE, FAILED)
    tolerance.answered(HERE)
    assert tolerance.excuses(HERE, FAILED)
    assert not tolerance.excuses(THERE, FAILED)
    assert not tolerance.given_up(HERE)


def test_a_comparison_excuses_a_process_that_dies_once_and_not_one_that_dies_again_at_once() -> None:
    tolerance = OneLostCall()
    assert not tolerance.excuses(HERE, KILLED), "it has not answered yet"
    for _ in range(3):
        tolerance.answered(HERE)
        assert tolerance.excuses(HERE, KILLED)
    assert not tolerance.excuses(HERE, KILLED)


@pytest.mark.parametrize("error", [KILLED, LATE, REFUSED], ids=lambda error: type(error).__name__)
def test_a_sweep_gives_up_at_once_what_cannot_work(error: ResnetBenchError) -> None:
    tolerance = HopelessPlaces()
    assert tolerance.excuses(HERE, error)
    assert tolerance.given_up(HERE)
    assert not tolerance.given_up(THERE)


def test_the_memory_limit_ends_a_place_that_has_answered_too() -> None:
    tolerance = HopelessPlaces()
    tolerance.answered(HERE)
    assert tolerance.excuses(HERE, KILLED)
    assert tolerance.given_up(HERE)


@pytest.mark.parametrize("error", [FAILED, LATE], ids=lambda error: type(error).__name__)
def test_a_place_that_has_answered_is_given_up_after_two_failures_in_a_row(error: ResnetBenchError) -> None:
    tolerance = HopelessPlaces()
    for _ in range(3):
        tolerance.answered(HERE)
        assert tolerance.excuses(HERE, error)
        assert not tolerance.given_up(HERE)
    assert tolerance.excuses(HERE, error)
    assert tolerance.given_up(HERE)


def test_a_failure_that_no_size_could_mend_ends_a_sweep_that_has_not_begun() -> None:
    tolerance = HopelessPlaces()
    denied = AwsError("lambda:UpdateFunctionConfiguration was denied", code="AccessDeniedException")
    wrong = HttpError("it answered 403", status=403)
    for error in (ConnectError("no route"), ForeignAnswer("another function"), denied, wrong, EngineError("no onnx")):
        assert not tolerance.excuses(HERE, error)
    assert not tolerance.given_up(HERE)


def test_a_connection_lost_on_the_way_is_a_lost_call_of_a_sweep_too() -> None:
    tolerance = HopelessPlaces()
    tolerance.answered(HERE)
    assert tolerance.excuses(HERE, ConnectError("reset"))
    assert not tolerance.given_up(HERE)
