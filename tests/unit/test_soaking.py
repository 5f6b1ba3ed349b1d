"""Whether the judgement on a server under load finds what it is for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from factories import make_answer
from resnet_bench.results.records import Answer
from soaking import verdict
from soaking.answers import Expected, photo
from soaking.crowd import Call, Ledger, Wrong
from soaking.process import Held, held

MIB = 1024**2
STILL = Held(
    at_s=0.0,
    rss_bytes=80 * MIB,
    descriptors_count=90,
    threads_count=4,
    processes_count=10,
    others_rss_bytes=1000 * MIB,
    cgroups_count=24,
    files_count=8,
)


def through_time(**each_minute: int) -> Sequence[Held]:
    """Five minutes in which the named figures grow by so much a minute."""
    return [
        replace(
            STILL,
            at_s=float(second),
            **{name: getattr(STILL, name) + more * second // 60 for name, more in each_minute.items()},
        )
        for second in range(0, 300, 2)
    ]


def not_held(lines: Sequence[verdict.Line]) -> list[str]:
    return [line.what for line in lines if not line.held]


def test_what_stays_as_it_is_has_held() -> None:
    assert not not_held([*verdict.growth(through_time())])


@pytest.mark.parametrize(
    ("grows", "told"),
    [
        ({"rss_bytes": 8 * MIB}, "memory of the server, MB"),
        ({"others_rss_bytes": 100 * MIB}, "memory of its children, MB"),
        ({"descriptors_count": 10}, "open files and sockets"),
        ({"threads_count": 10}, "threads"),
        ({"processes_count": 10}, "processes"),
        ({"cgroups_count": 10}, "cgroups"),
        ({"files_count": 10}, "temporary files"),
    ],
)
def test_what_grows_all_the_time_has_not(grows: dict[str, int], told: str) -> None:
    assert not_held([*verdict.growth(through_time(**grows))]) == [told]


def test_caches_that_fill_at_the_beginning_are_no_leak() -> None:
    filled = [replace(each, rss_bytes=min(50 + int(each.at_s), 110) * MIB) for each in through_time()]
    assert not not_held([*verdict.growth(filled)])


def calls(seconds_at_the_end: float) -> list[Call]:
    return [
        Call("raw", "200", float(at_s), 1.0 + (seconds_at_the_end - 1.0) * (at_s > 250)) for at_s in range(0, 300, 3)
    ]


def test_a_tail_that_grows_has_not_held() -> None:
    assert not not_held([*verdict.tail(calls(2.0), "raw")])
    assert not_held([*verdict.tail(calls(4.0), "raw")]) == ["longest wait, s: raw"]


def test_who_was_told_to_come_later_has_waited_for_nothing() -> None:
    refused = [replace(call, outcome="503") for call in calls(9.0)]
    assert [*verdict.tail(refused, "raw")] == []


def test_an_id_given_twice_or_not_at_all_is_wrong() -> None:
    ledger = Ledger()
    ledger.check_new("a", "b")
    for again in ("a", ""):
        with pytest.raises(Wrong):
            ledger.check_new(again)


def answered(number: int, **changes: object) -> Answer:
    width = photo_size(number)
    return make_answer(original_size=width, **changes)


def photo_size(number: int) -> tuple[int, int]:
    import io

    from PIL import Image

    return Image.open(io.BytesIO(photo(number))).size


def test_another_clients_answer_and_other_predictions_are_wrong() -> None:
    expected = Expected()
    expected.check(3, answered(3))
    expected.check(3, answered(3))
    with pytest.raises(Wrong, match="photograph of"):
        expected.check(3, answered(4))
    with pytest.raises(Wrong, match="other predictions"):
        expected.check(3, answered(3, predictions=()))


def test_this_process_is_seen_with_what_it_holds(tmp_path: Path) -> None:
    before = held(os.getpid(), tmp_path)
    files = [(tmp_path / name).open("w") for name in "abc"]
    after = held(os.getpid(), tmp_path)
    for file in files:
        file.close()
    assert after.descriptors_count - before.descriptors_count == 3
    assert after.files_count - before.files_count == 3
    assert after.rss_bytes > 10 * MIB
