"""The emulated log: lines out of a pipe's pieces, bounded, and the tail of one invocation."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.emulator.logs import LineSplitter, LogStore

LIMIT_BYTES = 256 * 1024


@given(text=st.text(st.characters(codec="utf-8")), cuts=st.lists(st.integers(0, 300)))
def test_lines_do_not_depend_on_how_the_pipe_cuts_them(text: str, cuts: list[int]) -> None:
    data, splitter, lines = text.encode(), LineSplitter(), []
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for start, end in pairwise(places):
        lines += splitter.feed(data[start:end])
    lines += splitter.rest()
    whole = text.split("\n")
    assert lines == (whole if whole[-1] else whole[:-1])


def test_a_line_without_an_end_comes_out_when_the_pipe_ends() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"half") == []
    assert splitter.rest() == ["half"]
    assert splitter.rest() == []


@given(st.integers(1, 3 * LIMIT_BYTES), st.integers(LIMIT_BYTES // 8, LIMIT_BYTES))
def test_no_event_exceeds_cloudwatchs_limit_and_nothing_is_lost(size: int, chunk: int) -> None:
    splitter, data = LineSplitter(), b"x" * size + b"\nnext\n"
    lines = [line for start in range(0, len(data), chunk) for line in splitter.feed(data[start : start + chunk])]
    assert max(map(len, lines)) <= LIMIT_BYTES
    assert "".join(lines) == "x" * size + "next"
    assert lines[-1] == "next"


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert LineSplitter().feed(b"\xff\n") == ["\N{REPLACEMENT CHARACTER}"]


def test_the_tail_is_of_one_stream_from_one_event_on_and_cut_at_the_front() -> None:
    store = LogStore()
    store.write("a", "old\n")
    since = store.position
    for message in ("one\n", "two", "three\n"):
        store.write("a", message)
        store.write("b", "other\n")
    assert store.tail("a", since) == b"one\ntwo\nthree\n"
    assert store.tail("a", since, limit_bytes=6) == b"three\n"
    assert store.tail("c", since) == b""
    assert LogStore().tail("a", 0) == b""


def test_event_ids_sort_as_the_events_came() -> None:
    store = LogStore()
    for number in range(120):
        store.write("a", str(number))
    ids = [event.event_id for event in store.events]
    assert ids == sorted(ids)
    assert len(set(ids)) == 120


def test_the_store_is_bounded_by_size_and_by_number_and_keeps_the_newest() -> None:
    store = LogStore()
    for number in range(1000):
        store.write("a", f"{number} " + "x" * LIMIT_BYTES)
    assert 200 <= len(store.events) <= 256  # 64 MB
    assert store.events[-1].message.startswith("999 ")
    for _ in range(100_001):
        store.write("a", "y")
    assert len(store.events) == 100_000
    assert {event.message for event in store.events} == {"y"}


def test_a_log_is_followed_by_position_whatever_has_been_dropped_meanwhile() -> None:
    store = LogStore()
    store.write("a", "first")
    position = store.position
    for number in range(100_000):
        store.write("a", str(number))
    assert [event.message for event in store.since(position)][::50_000] == ["0", "50000"]
    position = store.position
    store.write("a", "last")
    assert [event.message for event in store.since(position)] == ["last"]
    assert store.since(store.position) == []
    assert len(store.since(0)) == 100_000
