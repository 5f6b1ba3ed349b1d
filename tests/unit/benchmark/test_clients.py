"""Clients in a closed loop, by a clock that only their calls move: who calls when, what is counted, what ends it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from factories import make_answer, make_client
from resnet_bench.benchmark.clients import Clients, Done
from resnet_bench.errors import HttpError, SetupError
from resnet_bench.results.records import Sample, Side, Skipped
from resnet_bench.runners.base import Measurement, Photo

PHOTOS = [Photo("a.jpg", "a.jpg"), Photo("b.jpg", "b.jpg"), Photo("c.jpg", "c.jpg")]
ANSWERED = Measurement(make_answer(side="remote"), make_client(0.2), Skipped("not seen"))


class CallClock:
    """Stands still but for the calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now_s = 100.0

    def __call__(self) -> float:
        with self._lock:
            return self.now_s

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self.now_s += seconds


@dataclass
class TimedRunner:
    """Each call takes ``took_s`` by ``clock`` and gives ``outcome``."""

    clock: CallClock
    took_s: float = 1.0
    outcome: Measurement | BaseException = ANSWERED
    side: Side = "remote"
    engine: str = "torch"
    asked: list[str] = field(default_factory=list)

    def classify(self, photo: Photo) -> Measurement:
        self.asked.append(photo.name)
        self.clock.pass_by(self.took_s)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome

    def force_cold(self) -> None:
        raise AssertionError("cold starts happen by themselves")

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        pass


def clients(clock: CallClock, runners: Sequence[TimedRunner], duration_s: float = 5.0) -> Clients:
    return Clients(runners, PHOTOS, duration_s, clock=clock, cpu_clock=lambda: clock() / 4)


def test_one_client_calls_back_to_back_and_begins_no_call_after_the_time() -> None:
    clock = CallClock()
    calls = list(clients(clock, [TimedRunner(clock, took_s=1.5)]).calls())
    assert [(each.begun_s, each.ended_s) for each in calls] == [(0.0, 1.5), (1.5, 3.0), (3.0, 4.5), (4.5, 6.0)]
    assert [each.number for each in calls] == [0, 1, 2, 3]


def test_images_are_dealt_by_the_number_of_the_call_so_that_both_sides_get_the_same() -> None:
    clock = CallClock()
    runners = [TimedRunner(clock), TimedRunner(clock)]
    calls = list(clients(clock, runners).calls())
    assert {each.number: each.photo.name for each in calls} == {
        each.number: PHOTOS[each.number % len(PHOTOS)].name for each in calls
    }
    assert len({each.number for each in calls}) == len(calls)
    for client, runner in enumerate(runners):
        own = [each for each in calls if each.client == client]
        assert [each.photo.name for each in own] == runner.asked
        assert all(each.number % 2 == client for each in own)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_every_call_of_every_client_arrives_those_at_the_end_among_them(count: int) -> None:
    clock = CallClock()
    runners = [TimedRunner(clock, took_s=0.25) for _ in range(count)]
    calls = list(clients(clock, runners).calls())
    assert len(calls) == sum(len(runner.asked) for runner in runners)
    assert {each.client for each in calls} <= set(range(count))
    # All calls move one clock: 5 s hold twenty of them, and each client may have been within one more.
    assert 20 <= len(calls) <= 20 + count


def test_a_failure_is_an_outcome_and_the_client_goes_on() -> None:
    clock = CallClock()
    refused = HttpError("busy", status=503)
    made = clients(clock, [TimedRunner(clock, took_s=2.0, outcome=refused)])
    calls = list(made.calls())
    assert [each.outcome for each in calls] == [refused] * 3
    assert made.seen().between_s is None, "a pause after a failure is none between calls"


def test_what_is_no_failure_of_the_far_side_is_raised_where_the_calls_are_taken() -> None:
    clock = CallClock()
    broken = TimedRunner(clock, outcome=SetupError("no such file", "look for it"))
    with pytest.raises(SetupError, match="no such file"):
        list(clients(clock, [broken]).calls())
    assert len(broken.asked) == 1


def test_whoever_stops_asking_ends_the_clients() -> None:
    clock = CallClock()
    runner = TimedRunner(clock, took_s=0.0)  # by its clock the time is never over
    made = clients(clock, [runner, runner])
    with closing(made.calls()) as calls:
        assert isinstance(next(calls), Done)
    made.wait()
    assert not any(thread.is_alive() for thread in made._threads)


def test_what_was_seen_is_the_time_the_cpu_time_and_what_lies_between_calls() -> None:
    clock = CallClock()
    made = clients(clock, [TimedRunner(clock, took_s=2.0)])
    for _ in made.calls():
        clock.pass_by(0.0)
    seen = made.seen()
    assert (seen.elapsed_s, seen.cpu_s) == (6.0, 1.5)
    assert seen.between_s == 0.0
    assert seen.began_at == made.began_at.isoformat(timespec="microseconds")


def test_the_watcher_hears_now_and_then_and_not_of_every_call() -> None:
    clock = CallClock()
    heard: list[tuple[float, int]] = []
    calls = clients(clock, [TimedRunner(clock, took_s=0.001)]).calls(lambda *told: heard.append(told))
    assert len(list(calls)) == 5000
    assert 1 <= len(heard) <= 11, "every half second by the clock"
    assert heard == sorted(heard)
