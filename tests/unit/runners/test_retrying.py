"""When a failed call is repeated, after what pause, and what is told of it: on a script and a false clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import make_answer, make_client
from resnet_bench.errors import (
    AwsError,
    ConnectError,
    ForeignAnswer,
    HttpError,
    ImageError,
    RemoteError,
    RemoteTimeout,
    ResnetBenchError,
)
from resnet_bench.results.records import Attempt, Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.retrying import Retrying, RetryPolicy
from resnet_bench.runners.scripted import ScriptedRunner

PHOTO = Photo("cat.jpg", "/nowhere/cat.jpg")
GOOD = Measurement(make_answer(side="remote"), make_client(0.2), Skipped("not seen"))
CHANCES = st.floats(0.0, 1.0, exclude_max=True)
BUSY = {"message": "it answered 429", "status": 429}


@dataclass
class Script(ScriptedRunner):
    """Each call takes the next of ``takes_s`` of the false clock, the last of them for ever."""

    takes_s: tuple[float, ...] = (0.25,)
    now_s: float = 100.0
    slept: list[float] = field(default_factory=list)

    def classify(self, photo: Photo) -> Measurement:
        self.now_s += self.takes_s[min(len(self.calls), len(self.takes_s) - 1)]
        return super().classify(photo)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def retrying(script: Script, policy: RetryPolicy | None = None, chance: float = 0.5) -> Retrying:
    return Retrying(script, policy, clock=lambda: script.now_s, sleep=script.sleep, chance=lambda: chance)


def scripted(*given: Measurement | ResnetBenchError, **rest: Any) -> Script:
    return Script("torch", "remote", given, **rest)


PASSING: list[RemoteError] = [
    *(HttpError("busy", status=status) for status in (429, 500, 502, 503, 504)),
    ConnectError("it broke off"),
    RemoteTimeout("it did not accept a connection within 5 s"),
    AwsError("throttled", transient=True),
]
LASTING: list[RemoteError] = [
    *(HttpError("no", status=status) for status in (301, 400, 401, 403, 404, 405, 413, 501)),
    ConnectError("a certificate that nobody vouches for", transient=False),
    ForeignAnswer("another program"),
    AwsError("denied"),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_may_pass_is_asked_again(error: RemoteError) -> None:
    script = scripted(error, GOOD)
    assert retrying(script).classify(PHOTO).answer == GOOD.answer
    assert len(script.calls) == 2


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_what_will_not_pass_is_not_asked_again(error: RemoteError) -> None:
    script = scripted(error, GOOD)
    with pytest.raises(type(error)) as caught:
        retrying(script).classify(PHOTO)
    assert (caught.value, caught.value.attempts) == (error, ())
    assert not hasattr(error, "__notes__")
    assert (len(script.calls), script.slept) == (1, [])


def test_a_fault_of_this_machine_is_not_asked_again() -> None:
    script = scripted(ImageError("no such image", code="not_found"), GOOD)
    with pytest.raises(ImageError):
        retrying(script).classify(PHOTO)
    assert len(script.calls) == 1


def test_an_answer_tells_of_the_tries_before_it() -> None:
    script = scripted(HttpError(**BUSY), ConnectError("it broke off"), GOOD, takes_s=(0.25, 4.0, 0.5))
    measured = retrying(script).classify(PHOTO)
    assert measured.attempts == (
        Attempt(error="HttpError", message="it answered 429", status=429, duration_s=0.25, waited_s=0.25),
        Attempt(error="ConnectError", message="it broke off", status=None, duration_s=4.0, waited_s=0.5),
    )
    assert measured.client == GOOD.client, "the times are those of the try that was answered"


def test_a_call_answered_at_once_has_no_tries_to_tell_of() -> None:
    script = scripted(GOOD)
    assert retrying(script).classify(PHOTO) == GOOD
    assert script.slept == []


def test_after_the_last_try_the_failure_tells_of_those_before() -> None:
    script = scripted(*(HttpError(f"failure {number}", status=503) for number in range(1, 5)), GOOD)
    with pytest.raises(HttpError, match="failure 4") as caught:
        retrying(script).classify(PHOTO)
    assert [attempt.message for attempt in caught.value.attempts] == ["failure 1", "failure 2", "failure 3"]
    assert caught.value.__notes__ == ["this was try 4; those before it failed too"]
    assert (len(script.calls), script.slept) == (4, [0.25, 0.5, 1.0])


def test_a_lasting_failure_after_passing_ones_ends_the_tries_and_tells_of_them() -> None:
    script = scripted(HttpError(**BUSY), HttpError("gone", status=404), GOOD)
    with pytest.raises(HttpError, match="gone") as caught:
        retrying(script).classify(PHOTO)
    assert [attempt.status for attempt in caught.value.attempts] == [429]


def test_the_calls_after_a_repeated_one_start_afresh() -> None:
    script = scripted(HttpError(**BUSY), GOOD)
    runner = retrying(script, RetryPolicy(attempts=2))
    assert [len(runner.classify(PHOTO).attempts) for _ in range(3)] == [1, 1, 1]


# --- time limits and the server's wishes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [RemoteTimeout("no answer within 35 s"), HttpError("the gateway gave up", status=503)], ids=repr
)
def test_a_try_that_met_a_time_limit_is_not_repeated(error: RemoteError) -> None:
    script = scripted(error, GOOD, takes_s=(30.0,))
    with pytest.raises(type(error)):
        retrying(script).classify(PHOTO)
    assert len(script.calls) == 1


@pytest.mark.parametrize(("asked_s", "slept"), [(3.0, [3.0]), (0.1, [0.25]), (None, [0.25])])
def test_a_server_is_left_alone_for_as_long_as_it_asks(asked_s: float | None, slept: list[float]) -> None:
    script = scripted(HttpError(**BUSY, retry_after_s=asked_s), GOOD)
    retrying(script).classify(PHOTO)
    assert script.slept == slept


def test_a_server_that_asks_for_too_long_a_pause_is_not_asked_again() -> None:
    script = scripted(HttpError(**BUSY, retry_after_s=3600.0), GOOD)
    with pytest.raises(HttpError):
        retrying(script).classify(PHOTO)
    assert (len(script.calls), script.slept) == (1, [])


def test_no_try_begins_when_those_before_it_have_taken_too_long_together() -> None:
    script = scripted(ConnectError("not accepted"), takes_s=(10.0,))
    with pytest.raises(ConnectError):
        retrying(script).classify(PHOTO)
    assert (len(script.calls), script.slept) == (3, [0.25, 0.5]), "the third ended after 30.75 s"


@given(st.floats(1.0, 600.0), CHANCES)
def test_tries_of_which_none_is_accepted_leave_the_next_call_of_a_watch_its_time(
    interval_s: float, chance: float
) -> None:
    """A connection is given 5 s, which is as long as the shortest interval can make up for."""
    script = scripted(RemoteTimeout("not accepted within 5 s"), takes_s=(5.0,))
    with pytest.raises(RemoteTimeout):
        retrying(script, RetryPolicy.within(interval_s), chance).classify(PHOTO)
    assert script.now_s - 100.0 <= max(interval_s, interval_s / 2 + 7.0)


# --- cold calls ---------------------------------------------------------------------------------------------------


def test_a_cold_call_is_tried_once_and_the_warm_one_after_it_again() -> None:
    script = scripted(HttpError(**BUSY), HttpError(**BUSY), GOOD)
    runner = retrying(script)
    runner.force_cold()
    with pytest.raises(HttpError) as caught:
        runner.classify(PHOTO)
    assert caught.value.attempts == ()
    assert runner.classify(PHOTO).attempts
    assert script.calls == ["cold", "cat.jpg", "cat.jpg", "cat.jpg"]


def test_it_stands_in_for_the_runner_in_everything_else() -> None:
    script = scripted(GOOD)
    runner = retrying(script)
    assert (runner.side, runner.engine, runner.complete([])) == ("remote", "torch", [])
    runner.close()
    assert script.closed


# --- the pauses ---------------------------------------------------------------------------------------------------

POLICIES = st.builds(
    RetryPolicy,
    attempts=st.integers(2, 60),
    base_s=st.floats(0.0, 60.0),
    cap_s=st.floats(0.0, 600.0),
    patience_s=st.just(25.0),
)


@given(POLICIES, st.integers(1, 59), CHANCES)
def test_pauses_are_never_negative_and_never_above_their_bound(policy: RetryPolicy, failed: int, chance: float) -> None:
    pause_s = policy.pause_s(HttpError("busy", status=503), failed=failed, took_s=0.1, chance=chance)
    if failed >= policy.attempts:
        assert pause_s is None
    else:
        assert pause_s is not None
        assert 0.0 <= pause_s <= policy.longest_pause_s(failed) <= policy.cap_s


@given(POLICIES, st.integers(1, 58))
def test_the_bound_doubles_until_it_meets_the_cap(policy: RetryPolicy, failed: int) -> None:
    now_s, next_s = policy.longest_pause_s(failed), policy.longest_pause_s(failed + 1)
    assert next_s == min(policy.cap_s, 2 * now_s)


@given(CHANCES, CHANCES)
def test_the_pause_is_drawn_evenly_below_its_bound(one: float, other: float) -> None:
    pauses = [
        RetryPolicy().pause_s(ConnectError("lost"), failed=3, took_s=0.1, chance=chance) for chance in (one, other)
    ]
    assert pauses == [2.0 * one, 2.0 * other]
