"""Files of timestamps: traffic that can be simulated, or a ``UsageError`` that says which line is none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fuzz.target import Target
from resnet_bench.analysis.traffic.arrivals import BATCHES
from resnet_bench.analysis.traffic.recorded import read_recorded
from resnet_bench.errors import UsageError

_FILE = Path(tempfile.mkdtemp(prefix="fuzz-arrivals-")) / "arrivals.txt"


def target(data: bytes) -> None:
    _FILE.write_bytes(data)
    try:
        traffic = read_recorded(_FILE)
    except UsageError as error:
        assert error.message.removeprefix(str(_FILE)).isprintable(), error.message
        assert error.hint
        return
    assert np.isfinite(traffic.times).all()
    assert traffic.times[0] == 0
    assert np.isfinite(traffic.rate)
    assert traffic.rate > 0
    chunks = list(traffic.chunks(np.random.default_rng(1)))
    assert sum(len(chunk.times) for chunk in chunks) == len(traffic.times)
    assert all(((chunk.batches >= 0) & (chunk.batches < BATCHES)).all() for chunk in chunks)


def seeds() -> Iterator[bytes]:
    yield b"2026-11-24T08:15:00Z\n2026-11-24T08:15:01.5+02:00\n\n2026-11-24 08:16:00\n"
    yield b"1764000000\n1764000001.25\n1764000000.5\r\n"
    yield b"1e9\n-5\n0x1\n"
    yield b"20261124T081500Z\n2026-W48-2\n"


WORDS = (b"2026-11-24T", b"T08:15:00", b"+23:59", b"Z\n", b"nan", b"inf", b"1e308", b"0001-01-01", b"9999-12-31", b"_")
TARGET = Target(
    target, seeds, dictionary=(*WORDS, "\N{ARABIC-INDIC DIGIT ONE}".encode(), b"\xc2\x85", b"24:00", b"W53")
)
