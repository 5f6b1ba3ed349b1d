"""A level's calls as samples, and which failures are samples and which end it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from factories import make_answer, make_client
from resnet_bench.benchmark.clients import Clients, Done, Watch, unwatched
from resnet_bench.benchmark.load import Level, refused, samples
from resnet_bench.errors import ConnectError, HttpError, RemoteError
from resnet_bench.results.records import Failed, Sample, Skipped
from resnet_bench.runners.base import Measurement, Photo

LEVEL = Level("onnx", "remote", 2)
ANSWERED = Measurement(make_answer(side="remote"), make_client(0.2), 77)
THROTTLED = HttpError("busy", status=429)


class ScriptedClients(Clients):
    """Gives these outcomes, a second apart; each took ``took_s``."""

    def __init__(self, *outcomes: Measurement | RemoteError, took_s: float = 0.5) -> None:
        self.began_at = datetime(2026, 11, 22, 8, tzinfo=UTC)
        self._outcomes, self._took_s = outcomes, took_s

    def calls(self, watch: Watch = unwatched) -> Generator[Done]:
        watch(0.0, 0)
        photo = Photo("a.jpg", "a.jpg")
        for number, outcome in enumerate(self._outcomes):
            yield Done(number % 2, number, photo, float(number), number + self._took_s, outcome)


def outcomes(made: list[Sample]) -> list[str]:
    return [each.outcome.error if isinstance(each.outcome, Failed) else "answered" for each in made]


def test_a_sample_says_where_when_and_by_which_client() -> None:
    _, made = samples(LEVEL, ScriptedClients(ANSWERED, ANSWERED))
    assert (made.side, made.engine, made.variant, made.phase) == ("remote", "onnx", "2 at once", "load")
    assert (made.pair, made.position, made.image) == (1, 1, "a.jpg")
    assert made.started_at == "2026-11-22T08:00:01.000000+00:00"
    assert (made.outcome, made.client, made.cgroup_peak_bytes) == (ANSWERED.answer, ANSWERED.client, 77)
    assert isinstance(made.trace, Skipped)
    assert not made.trace.pending, "nobody will ask for it"


def test_failures_are_samples_once_the_side_has_answered() -> None:
    lost = ConnectError("gone")
    assert outcomes(list(samples(LEVEL, ScriptedClients(ANSWERED, lost, THROTTLED)))) == [
        "answered",
        "ConnectError",
        "HttpError",
    ]
    assert outcomes(list(samples(LEVEL, ScriptedClients(lost), answered=True))) == ["ConnectError"]


def test_a_side_that_has_never_answered_is_no_side() -> None:
    with pytest.raises(ConnectError):
        list(samples(LEVEL, ScriptedClients(THROTTLED, ConnectError("no such host"))))


def test_being_refused_from_the_start_is_a_finding() -> None:
    assert outcomes(list(samples(LEVEL, ScriptedClients(THROTTLED, THROTTLED)))) == ["HttpError", "HttpError"]


@pytest.mark.parametrize(
    ("status", "took_s", "expected"),
    [(429, 0.1, True), (503, 0.1, True), (503, 30.2, False), (500, 0.1, False), (504, 30.0, False)],
)
def test_a_refusal_is_quick_and_has_its_own_statuses(status: int, took_s: float, expected: bool) -> None:
    clients = ScriptedClients(HttpError("no", status=status), took_s=took_s)
    (made,) = samples(LEVEL, clients, answered=True)
    assert isinstance(made.outcome, Failed)
    assert made.outcome.status == status
    assert refused(made.outcome) == expected
