"""The levels of a load test: what was asked for at each, and what only its clients could see."""

from __future__ import annotations

from msgspec import Struct

from resnet_bench.results.bounds import Count, Moment, Seconds
from resnet_bench.results.records import Side, Skipped


class LoadClients(Struct, frozen=True, kw_only=True, tag="clients", tag_field="kind"):
    """The clients of one level, all in one process, by its monotonic clock; 0 on it is ``began_at``.

    ``elapsed_s`` is when the last of them was answered. ``cpu_s`` is the CPU time of their process until then: with an
    emulated Lambda, its gateway is part of it. ``between_s`` is the median from an answer to the same client's next
    call: what the clients themselves take; ``None`` where none called twice.
    """

    began_at: Moment
    elapsed_s: Seconds
    cpu_s: Seconds
    between_s: Seconds | None


class LoadLevel(Struct, frozen=True, kw_only=True):
    """``concurrency`` clients on one side, each calling again as soon as it is answered. Times are in seconds.

    The level's samples have its ``engine``, ``side`` and ``variant``. No call begins after ``duration_s``. Figures are
    of the answers that arrive between ``ramp_s`` and ``duration_s``. ``workers`` is how many calls the side can work on
    at once, ``None`` where that is not known. ``clients`` are skipped where the level was not measured.
    """

    engine: str
    side: Side
    variant: str
    concurrency: Count
    workers: Count | None
    ramp_s: Seconds
    duration_s: Seconds
    clients: LoadClients | Skipped
