"""Doubts about single calls: failed, throttled, repeated, or not what their phase says."""

import pytest
from msgspec.structs import replace

from doubts import QUIET, codes, message, with_outcomes
from factories import make_answer, make_attempt, make_failed, make_sample


def test_a_cold_start_among_the_warm_calls_is_doubted():
    fresh = lambda sample: replace(sample, outcome=make_answer(0.1, side="remote", cold_start=True))  # noqa: E731
    run = with_outcomes(QUIET, fresh, 2, phase="warm", side="remote", engine="onnx")
    assert codes(run) == {"cold-in-warm"}
    assert message(run, "cold-in-warm").endswith(": 2 of onnx remote")


def test_a_forced_cold_start_that_was_none_is_doubted():
    used = lambda sample: replace(sample, outcome=make_answer(0.2, side="remote"))  # noqa: E731
    run = with_outcomes(QUIET, used, phase="cold", side="remote", engine="torch")
    assert codes(run) == {"warm-in-cold"}
    assert message(run, "warm-in-cold").endswith(": 1 of torch remote")


def test_failures_are_counted_with_their_reason_and_throttling_apart():
    samples = (*QUIET.samples, make_failed(), make_failed(), make_failed(status=500), make_failed(status=429))
    run = replace(QUIET, samples=samples)
    assert f"3 of {len(samples)} calls failed" in message(run, "failures")
    assert "2 of them: the endpoint answered 502" in message(run, "failures")
    assert message(run, "throttled").startswith(f"1 of {len(samples)} calls were refused")


def test_repeated_calls_are_counted_with_what_made_them_so():
    lost, full = make_attempt("ConnectError"), make_attempt(status=429)
    again = [
        make_sample("remote", pair=200, attempts=(full, lost)),
        make_sample("remote", pair=201, attempts=(full,)),
    ]
    samples = (*QUIET.samples, *again, make_failed(attempts=(lost,)))
    assert message(replace(QUIET, samples=samples), "retried") == (
        f"2 of {len(samples)} calls were answered only when repeated (2 x 429, 1 x connection lost) and are left out "
        "of the figures"
    )


@pytest.mark.parametrize(
    ("attempt", "cause"),
    [
        (make_attempt(status=503), "503"),
        (make_attempt("RemoteTimeout"), "time-out"),
        (make_attempt("AwsError"), "AWS in trouble"),
        (make_attempt("ForeignAnswer"), "ForeignAnswer"),
    ],
)
def test_what_made_a_call_be_repeated_is_named_by_its_status_or_in_words(attempt, cause):
    run = with_outcomes(QUIET, lambda sample: replace(sample, attempts=(attempt,)), side="remote", phase="warm")
    assert f"(1 x {cause})" in message(run, "retried")
