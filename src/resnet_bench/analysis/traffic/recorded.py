"""Traffic as it was recorded: a file with a timestamp for each request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from resnet_bench.analysis.traffic.arrivals import BATCHES, CHUNK, Chunk, Floats
from resnet_bench.errors import UsageError

# The year 5138: what is above it is milliseconds, say, and would pass for traffic of a thousand times its length.
_LATEST_S = 1e11
_HINT = "one timestamp a line: ISO 8601 (2026-11-24T08:15:00Z) or seconds since 1970"


@dataclass(frozen=True)
class Recorded:
    """Requests at given times, in seconds from the first, sorted. All of them count: there is no warm-up.

    A batch is a twentieth of the time. ``name`` is the file's.
    """

    times: Floats
    name: str

    @property
    def stands_for_s(self) -> float:
        """From the first request to the last, and the mean gap after it."""
        return float(self.times[-1]) * len(self.times) / (len(self.times) - 1)

    @property
    def rate(self) -> float:
        return len(self.times) / self.stands_for_s

    @property
    def description(self) -> str:
        return f"recorded: the {len(self.times):,} requests of {self.name}"

    def chunks(self, rng: np.random.Generator) -> Iterator[Chunk]:  # noqa: ARG002 - nothing is left to chance
        length_s = self.stands_for_s
        batches = np.minimum(self.times * (BATCHES / length_s), BATCHES - 1).astype(np.int64)
        begin_s = 0.0
        for first in range(0, len(self.times), CHUNK):
            upto = first + CHUNK
            end_s = float(self.times[upto]) if upto < len(self.times) else length_s
            yield Chunk(begin_s, end_s, self.times[first:upto], batches[first:upto])
            begin_s = end_s


def read_recorded(path: Path) -> Recorded:
    """Empty lines are passed over; the order does not matter. A time without a zone is UTC.

    Raises:
        UsageError: the file cannot be read, a line is no timestamp (it says which), or there are fewer than two times.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{path} cannot be read: {reason}", _HINT) from None
    times = np.array([_seconds(line, path, number) for number, line in enumerate(lines, start=1) if line.strip()])
    if len(times) < 2 or times.min() == times.max():  # noqa: PLR2004 - a rate takes two moments
        raise UsageError(f"{path} has no two requests at different times", _HINT)
    times.sort()
    return Recorded(times - times[0], path.name)


def _seconds(line: str, path: Path, number: int) -> float:
    text = line.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(f"{path}, line {number}: {text[:40]!r} is no timestamp", _HINT) from None
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not np.isfinite(seconds) or abs(seconds) > _LATEST_S:
        raise UsageError(f"{path}, line {number}: {text[:40]!r} is no timestamp", _HINT)
    return seconds
