"""The order of a memory sweep."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.benchmark.schedule import Place, Schedule
from resnet_bench.benchmark.sweep import sweep

PLACES = [Place("onnx", "remote", f"{size} MB") for size in (512, 1024, 1769, 3008)]
counts = st.integers(0, 9)


def planned(
    *, runs: int = 12, warmup: int = 1, cold: int = 2, images: int = 3, seed: int = 0, places: list[Place] = PLACES
) -> Schedule:
    return sweep(places, images=images, runs=runs, warmup=warmup, cold=cold, seed=seed)


def visits(schedule: Schedule) -> list[Place]:
    """The places in the order visited; two visits in a row to one place are one."""
    found: list[Place] = []
    for block in schedule.blocks:
        (call,) = block.calls
        if not found or found[-1] != call.place:
            found.append(call.place)
    return found


def test_every_place_is_visited_twice_and_the_second_time_in_the_opposite_order() -> None:
    order = visits(planned())
    assert order[:4] == order[:2:-1]
    assert {*order} == {*PLACES}
    assert len(order) == 7, "the place that ends the first round begins the second"


def test_the_order_is_random_and_the_seed_decides_it() -> None:
    assert visits(planned(seed=3)) == visits(planned(seed=3))
    assert len({tuple(visits(planned(seed=seed))[:4]) for seed in range(30)}) > 10


def test_what_drifts_steadily_adds_the_same_to_every_place() -> None:
    """The mean position of a place's warm calls in the run is the same for all."""
    at: dict[Place, list[int]] = {}
    for position, block in enumerate(planned(cold=2, runs=12).blocks):
        if block.phase == "warm":
            at.setdefault(block.calls[0].place, []).append(position)
    assert len({mean(positions) for positions in at.values()}) == 1


def test_a_visit_goes_from_cold_starts_over_warm_ups_to_warm_calls() -> None:
    first = [block.phase for block in planned(runs=6, warmup=2, cold=4, places=PLACES[:1]).blocks]
    assert first == 2 * ["cold", "cold", "warmup", "warmup", "warm", "warm", "warm"]


def test_the_calls_of_one_number_are_on_the_same_image_at_every_place() -> None:
    images: dict[tuple[str, int], set[int]] = {}
    for block in planned(runs=11, images=4).blocks:
        images.setdefault((block.phase, block.pair), set()).add(block.image)
    assert all(len(found) == 1 for found in images.values())
    dealt = Counter(next(iter(found)) for (phase, _), found in images.items() if phase == "warm")
    assert max(dealt.values()) - min(dealt.values()) <= 1


@given(counts, st.integers(1, 3), counts, st.integers(1, 5), st.integers(0, 99))
def test_each_place_gets_what_was_asked_for_once(runs: int, warmup: int, cold: int, images: int, seed: int) -> None:
    calls = Counter(
        (block.calls[0].place, block.phase, block.pair)
        for block in planned(runs=runs, warmup=warmup, cold=cold, images=images, seed=seed).blocks
    )
    assert all(count == 1 for count in calls.values())
    for place in PLACES:
        phases = Counter(phase for where, phase, _ in calls if where == place)
        assert (phases["warm"], phases["cold"]) == (runs, cold)
        assert phases["warmup"] == warmup * min(runs, 2)


@pytest.mark.parametrize(
    "wrong", [{"images": 0}, {"runs": -1}, {"places": []}, {"places": PLACES[:1] * 2}, {"warmup": 0}]
)
def test_a_sweep_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must"):
        planned(**wrong)  # type: ignore[arg-type]
