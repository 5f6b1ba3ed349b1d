"""One level of a load test as samples: calls of many clients at once, and which failures end it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from resnet_bench.benchmark.agreement import Mismatch, agreement
from resnet_bench.benchmark.clients import Clients, Watch, unwatched
from resnet_bench.errors import HttpError, RemoteError
from resnet_bench.results.records import Failed, Sample, Side, Skipped
from resnet_bench.results.run import Run
from resnet_bench.results.variants import variant, variants
from resnet_bench.runners.base import Measurement

# How the far side says that it does not take a call: throttled (429), or no environment or no place is free (503).
REFUSALS = frozenset({429, 503})
# A gateway that has waited in vain for its function says 503 too, but only after 30 s.
_REFUSED_WITHIN_S = 25.0
_UNDER_LOAD = Skipped("not asked for under load: X-Ray samples one call a second, and log lines come late")
_NO_ANSWER = Skipped("the call failed")


@dataclass(frozen=True)
class Level:
    """``concurrency`` clients that call ``engine`` on ``side`` at once."""

    engine: str
    side: Side
    concurrency: int

    @property
    def variant(self) -> str:
        return f"{self.concurrency} at once"


def samples(level: Level, clients: Clients, watch: Watch = unwatched, *, answered: bool = False) -> Generator[Sample]:
    """A sample for each call of ``clients``, soon after it ended; ``watch`` is theirs.

    ``pair`` is the call's number, so that calls of one number have the same image on both sides; ``position`` is the
    client. A failed call is a sample, but a side that has never answered (``answered``: before this level) is no side.

    Raises:
        RemoteError: the first call failed, and not because it was refused.
        SetupError: a call could not be made at all.
    """
    with closing(clients.calls(watch)) as calls:
        for done in calls:
            if isinstance(done.outcome, Measurement):
                answered = True
                found = _measured(done.outcome)
            else:
                found = _unanswered(done.outcome, done.ended_s - done.begun_s)
                if not answered and not refused(found["outcome"]):
                    raise done.outcome
            yield Sample(
                side=level.side,
                engine=level.engine,
                variant=level.variant,
                phase="load",
                pair=done.number,
                position=done.client,
                image=done.photo.name,
                started_at=(clients.began_at + timedelta(seconds=done.begun_s)).isoformat(timespec="microseconds"),
                **found,
            )


def differing(run: Run) -> tuple[Mismatch, ...]:
    """Calls of one number at one level that both sides answered, and differently."""
    if not run.levels:
        return ()
    return tuple(found for name in variants(run) for found in agreement(variant(run, name)))


def refused(outcome: Failed) -> bool:
    """Whether the call was not taken at all, which says nothing of those that were."""
    return outcome.status in REFUSALS and outcome.error == HttpError.__name__


def _measured(measured: Measurement) -> dict[str, Any]:
    return {
        "outcome": measured.answer,
        "client": measured.client,
        "trace": _UNDER_LOAD,
        "report": measured.report or _UNDER_LOAD,
        "cgroup_peak_bytes": measured.cgroup_peak_bytes,
    }


def _unanswered(error: RemoteError, took_s: float) -> dict[str, Any]:
    status = error.status if isinstance(error, HttpError) else None
    late = status in REFUSALS and took_s > _REFUSED_WITHIN_S
    failed = Failed(error="RemoteTimeout" if late else type(error).__name__, message=error.message, status=status)
    return {"outcome": failed, **dict.fromkeys(("client", "trace", "report", "cgroup_peak_bytes"), _NO_ANSWER)}
