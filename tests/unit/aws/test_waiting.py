"""The waiting loop under a false clock."""

import threading

import pytest

from resnet_bench.aws.access import waiting
from resnet_bench.aws.access.waiting import Waiting, wait_for
from resnet_bench.errors import AwsError
from resnet_bench.results.records import Skipped

PENDING = Skipped("not complete yet: late", pending=True)


class Clock:
    """Time passes only by sleeping, and by ``ask_s`` for each call."""

    def __init__(self, ask_s=0.0):
        self.now_s, self.ask_s, self.sleeps = 100.0, ask_s, []

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now_s += seconds

    def waiting(self, **changes):
        return Waiting(clock=lambda: self.now_s, sleep=self.sleep, **changes)


class Service:
    """Gives each id its value from the given call on; an exception in ``failures`` replaces that call's answer."""

    def __init__(self, clock, ready, failures=()):
        self.clock, self.ready, self.failures, self.asked = clock, ready, dict(failures), []

    def __call__(self, ids):
        self.asked.append(list(ids))
        self.clock.now_s += self.clock.ask_s
        if len(self.asked) in self.failures:
            raise self.failures[len(self.asked)]
        return {key: key.upper() if self.ready.get(key, 99) <= len(self.asked) else PENDING for key in ids}


class Steps:
    def __init__(self):
        self.steps = []

    def step(self, text, fraction=None):
        self.steps.append((text, fraction))


def test_what_is_there_at_once_costs_no_sleep():
    clock = Clock()
    assert wait_for("traces", Service(clock, {"a": 1}), ["a"], clock.waiting()) == {"a": "A"}
    assert clock.sleeps == []


def test_only_what_is_missing_is_asked_for_again():
    clock = Clock()
    service = Service(clock, {"a": 1, "b": 3, "c": 2})
    assert wait_for("traces", service, ["a", "b", "c"], clock.waiting()) == {"a": "A", "b": "B", "c": "C"}
    assert service.asked == [["a", "b", "c"], ["b", "c"], ["b"]]
    assert clock.sleeps == [5.0, 5.0]


def test_after_the_first_ask_it_asks_ten_times_more_and_keeps_the_last_reason():
    clock = Clock()
    service = Service(clock, {})
    assert wait_for("traces", service, ["a"], clock.waiting()) == {"a": PENDING}
    assert len(service.asked) == 11
    assert clock.now_s == 150.0


def test_the_time_that_asking_takes_counts_towards_the_interval():
    clock = Clock(ask_s=2.0)
    wait_for("traces", Service(clock, {}), ["a"], clock.waiting(attempts=2))
    assert clock.sleeps == [3.0, 3.0]


def test_a_slow_answer_never_makes_a_negative_sleep():
    clock = Clock(ask_s=7.0)
    wait_for("traces", Service(clock, {}), ["a"], clock.waiting(attempts=3))
    assert clock.sleeps == [0.0, 0.0]


def test_slow_answers_are_not_asked_for_beyond_the_time_that_quick_ones_would_have_taken():
    clock = Clock(ask_s=40.0)
    service = Service(clock, {}, {1: AwsError("slow", transient=True)})
    assert wait_for("traces", service, ["a"], clock.waiting(attempts=10)) == {"a": PENDING}
    assert len(service.asked) == 2
    assert clock.now_s == 180.0


def test_what_never_answers_is_left_to_itself_and_what_was_asked_for_is_missing(monkeypatch):
    """A real clock: nothing but the time can end it."""
    monkeypatch.setattr(waiting, "_GRACE_S", 0.05)
    asked, released, heard = [], threading.Event(), []

    def ask(missing):
        asked.append(missing)
        released.wait(60)
        return {}

    try:
        found = wait_for("traces", ask, ["a"], Waiting(interval_s=0.02, attempts=2, on_error=heard.append))
    finally:
        released.set()
    assert len(asked) == 1
    assert found["a"].pending
    assert "traces: no whole answer within 0 s" in found["a"].reason
    assert [error.transient for error in heard] == [True]


def test_a_final_reason_is_not_asked_for_again():
    clock = Clock()
    found = wait_for("traces", lambda ids: {"a": Skipped("rejected: no")}, ["a"], clock.waiting())
    assert found == {"a": Skipped("rejected: no")}
    assert clock.sleeps == []


def test_a_transient_failure_costs_one_attempt():
    clock = Clock()
    service = Service(clock, {"a": 1}, {1: AwsError("throttled", transient=True)})
    assert wait_for("traces", service, ["a"], clock.waiting()) == {"a": "A"}
    assert clock.sleeps == [5.0]


def test_a_lasting_failure_ends_the_wait_and_is_the_reason_of_what_is_missing():
    clock = Clock()
    service = Service(clock, {"a": 1}, {2: AwsError("xray:BatchGetTraces failed: AWS denied it")})
    found = wait_for("traces", service, ["a", "b"], clock.waiting())
    assert found == {"a": "A", "b": Skipped("xray:BatchGetTraces failed: AWS denied it", pending=True)}
    assert len(service.asked) == 2


def test_an_id_that_the_answer_leaves_out_stays_pending():
    clock = Clock()
    found = wait_for("traces", lambda ids: {}, ["a"], clock.waiting(attempts=0))
    assert isinstance(found["a"], Skipped)
    assert found["a"].pending


def test_nothing_to_wait_for_asks_nothing():
    clock = Clock()
    service = Service(clock, {})
    assert wait_for("traces", service, [], clock.waiting()) == {}
    assert service.asked == []


def test_progress_is_told_after_each_ask():
    clock, steps = Clock(), Steps()
    wait_for("traces", Service(clock, {"a": 1, "b": 2}), ["a", "b"], clock.waiting(progress=steps))
    assert steps.steps == [("traces: 1 of 2 arrived after 0 s", 0.5), ("traces: 2 of 2 arrived after 5 s", 1.0)]


DENIED = AwsError("xray:BatchGetTraces failed: AWS denied it", "allow it")
BUSY = AwsError("xray:BatchGetTraces failed: throttled", "wait", transient=True)


@pytest.mark.parametrize(
    ("failures", "ready", "heard"),
    [
        ({1: DENIED}, {}, [DENIED]),
        ({1: BUSY}, {"a": 2}, []),
        ({2: BUSY, 3: BUSY}, {}, [BUSY]),
        ({2: BUSY}, {}, []),
    ],
)
def test_the_failure_that_kept_something_from_arriving_is_told_with_its_hint(failures, ready, heard):
    clock, errors = Clock(), []
    waiting = clock.waiting(attempts=2, on_error=errors.append)
    wait_for("traces", Service(clock, ready, failures), ["a"], waiting)
    assert errors == heard
