"""Headers that others write: X-Ray's, ``Retry-After``, names, sizes and times. Nothing raises, nothing is absurd."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from math import isfinite

from fuzz.target import Target
from resnet_bench.errors import HttpError
from resnet_bench.runners.reply import Reply, read_answer
from resnet_bench.runners.retrying import RetryPolicy
from resnet_bench.trace_header import parse_header
from resnet_bench.units import parse_duration, parse_size
from resnet_bench.web.uploads import display_name


def target(data: bytes) -> None:
    text = data.decode("latin-1")
    found = parse_header(text)
    assert found.sampled in {True, False, None}
    assert all(part is None or part.strip() for part in (found.trace_id, found.parent_id, found.lineage))
    try:
        read_answer(Reply(429, b"{}", {"retry-after": text}), "there")
    except HttpError as error:
        assert error.retry_after_s is None or (isfinite(error.retry_after_s) and error.retry_after_s >= 0)
        pause_s = RetryPolicy().pause_s(error, failed=1, took_s=0.1, chance=0.5)
        assert pause_s is None or 0 <= pause_s <= RetryPolicy().patience_s
    name = display_name(data.decode(errors="surrogateescape"))
    assert 0 < len(name) <= 80
    assert "/" not in name
    assert name.isprintable()
    for parse in (parse_duration, parse_size):
        with contextlib.suppress(ValueError):
            assert parse(text) >= 0


def seeds() -> Iterator[bytes]:
    yield b"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1|b:2"
    yield from (b"120", b"1.5", b"Wed, 21 Oct 2026 07:28:00 GMT", b"1e400", b"nan")
    yield from (b"../../etc/passwd", b"C:\\x\\cat.jpg", b"cat\x00.jpg", "k\u0301\u202e.png".encode())
    yield from (b"123.45 ms", b"1024 MB", b"1 us", b"1.5 GB")


TARGET = Target(
    target, seeds, dictionary=(b"Root=", b"Sampled=", b";", b"Parent=", b" ms", b" MB", b"GB", b"inf", b"1e")
)
