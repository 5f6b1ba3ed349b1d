"""The program as a process against a far side that changes its manner from call to call, and dies in the middle."""

from __future__ import annotations

import itertools
import json
import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from bad_servers import ESCAPES, PACKED, reset
from program import CAT, started
from resnet_bench import wire
from resnet_bench.results.files import load
from resnet_bench.results.records import Answer, Failed, Sample, Skipped
from servers import GOOD, answering, receive, reply, serving

BUSY = b'{"message": "Service Unavailable"}'
# Nobody waits as long as this asks for.
_NUMBERS = itertools.count()
AGES = reply(BUSY, 429, retry_after="1e308")


class Changing:
    """Gives the replies one after the other, whichever connection asks; ``None`` resets it, as all later calls are."""

    def __init__(self, *replies: bytes | None) -> None:
        self._replies = itertools.chain(replies, itertools.repeat(None))
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket) -> None:
        while True:
            receive(connection)
            with self._lock:
                given = next(self._replies)
            if given is None:
                reset(connection)
                return
            connection.sendall(given)


def good(name: str = "tabby") -> bytes:
    """An answer under a request id of its own."""
    document = json.loads(GOOD)
    document["answer"]["predictions"][0]["name"] = name
    document["answer"]["identity"]["request_id"] = f"8f507cfc-1a2b-4c3d-9e4f-{next(_NUMBERS):012d}"
    return reply(json.dumps(document).encode())


def refused(status: int) -> bytes:
    return reply(wire.encode_fault(f"odd{ESCAPES}", f"not today{ESCAPES}", f"wait{ESCAPES}").encode(), status)


def outcomes(samples: tuple[Sample, ...]) -> list[tuple[str, int]]:
    """Each call of the far side: what failed (or ``Answer``), and how many tries went before."""
    return [
        (each.outcome.error if isinstance(each.outcome, Failed) else "Answer", len(each.attempts))
        for each in samples
        if each.side == "remote"
    ]


def assert_printable(text: str) -> None:
    assert not [each for each in text if each != "\n" and not each.isprintable()]


def test_a_run_outlives_a_far_side_that_fails_in_every_manner_and_keeps_each_reason(tmp_path: Path) -> None:
    far = Changing(
        good(f"tabby{ESCAPES}"),  # the warm-up
        *(good(), reply(BUSY, 503, retry_after="0"), good(), reply(b"{}"), refused(400), AGES, PACKED["a bomb"]),
        *(reply(b"x" * 2_000_000), good()),
    )
    with (
        serving(far) as url,
        serving(answering(reply(b"[]"))) as aws_url,
        started(
            *("remote", CAT, "--url", url, "--aws-url", aws_url, "--engine", "torch", "--runs", "8"),
            *("--verbose", "--save", "run.json"),
            folder=tmp_path,
        ) as program,
    ):
        done = program.wait()
        program.assert_nothing_is_left()
    assert done.code == 0, done.err
    run = load(tmp_path / "run.json")
    assert run.finished
    assert outcomes(run.samples) == [
        *(("Answer", 0), ("Answer", 0), ("Answer", 1), ("ForeignAnswer", 0), ("HttpError", 0), ("HttpError", 0)),
        *(("ForeignAnswer", 0), ("ForeignAnswer", 0), ("Answer", 0)),
    ]
    for sample in run.samples:
        assert isinstance(sample.trace, Skipped)
        assert isinstance(sample.report, Skipped)
        if isinstance(sample.outcome, Answer):
            assert "the answer is not AWS's" in sample.trace.reason
            assert sample.trace.pending
            assert sample.report.pending
        else:
            assert sample.outcome.message.isprintable()
    told = " ".join(done.out.split())
    assert re.search(r"\d of 9 calls failed", told), told
    assert "1 of 9 calls were refused with 429" in told
    assert "1 of 9 calls were answered only when repeated (1 x 503)" in told
    assert_printable(done.out)
    assert_printable(done.err)


def test_a_server_that_dies_after_the_first_calls_leaves_them_and_the_reasons_of_the_others(tmp_path: Path) -> None:
    with (
        serving(Changing(*(good() for _ in range(6)))) as url,
        started(
            *("load", CAT, "--url", url, "--engine", "torch", "--side", "remote", "--concurrency", "2"),
            *("--duration", "2s", "--save", "run.json"),
            folder=tmp_path,
        ) as program,
    ):
        done = program.wait()
        program.assert_nothing_is_left()
    assert done.code == 0, done.err
    found = outcomes(load(tmp_path / "run.json").samples)
    assert found.count(("Answer", 0)) == 6
    assert {each for each in found if each[0] != "Answer"} == {("ConnectError", 0)}
    assert "calls failed" in done.out.replace("\n", " ")


@pytest.mark.parametrize(
    ("command", "replies", "told"),
    [
        (("remote", "--runs", "3"), [AGES], "answered 429"),
        (("load", "--side", "remote", "--concurrency", "4", "--duration", "2s"), [refused(500)], "answered 500: odd"),
    ],
)
def test_a_far_side_that_has_never_answered_ends_the_command_and_leaves_no_file(
    command: tuple[str, ...], replies: list[Any], told: str, tmp_path: Path
) -> None:
    name, *options = command
    with (
        serving(Changing(*replies * 4)) as url,
        started(name, CAT, "--url", url, "--engine", "torch", *options, folder=tmp_path) as program,
    ):
        done = program.wait()
        program.assert_nothing_is_left()
    assert done.code == 4
    assert told in done.error()
    assert_printable(done.err)
    assert not list(tmp_path.glob("results/*"))
