from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.benchmark.schedule import Place, both_sides, plan

PLANS = st.fixed_dictionaries(
    {
        "engines": st.lists(st.sampled_from(["torch", "onnx", "other"]), min_size=1, max_size=3, unique=True),
        "images": st.integers(1, 5),
        "runs": st.integers(0, 12),
        "warmup": st.integers(0, 3),
        "cold": st.integers(0, 3),
        "seed": st.integers(0, 2**32),
    }
)


def made(asked):
    return plan(both_sides(asked["engines"]), **{key: value for key, value in asked.items() if key != "engines"})


@given(PLANS)
def test_the_same_seed_gives_the_same_schedule(asked):
    assert made(asked) == made(asked)


def test_another_seed_gives_another_order():
    asked = {"engines": ["torch", "onnx"], "images": 3, "runs": 20, "warmup": 0, "cold": 0}
    assert made({**asked, "seed": 1}) != made({**asked, "seed": 2})


@given(PLANS)
def test_every_engine_runs_exactly_as_often_as_asked_on_each_side(asked):
    counts = Counter(
        (block.phase, call.place.engine, call.place.side) for block in made(asked).blocks for call in block.calls
    )
    for engine in asked["engines"]:
        for side in ("local", "remote"):
            assert counts["warm", engine, side] == asked["runs"]
            assert counts["cold", engine, side] == asked["cold"]
            assert counts["warmup", engine, side] == asked["warmup"] * (2 if asked["cold"] else 1)


@given(PLANS)
def test_images_are_balanced_within_one(asked):
    images = Counter(block.image for block in made(asked).blocks if block.phase == "warm")
    counts = [images[image] for image in range(asked["images"])]
    assert images.total() == asked["runs"]
    assert max(counts) - min(counts) <= 1


@given(PLANS)
def test_no_pair_number_is_used_twice_and_each_pair_has_a_first_and_a_second(asked):
    blocks = made(asked).blocks
    assert len({(block.phase, block.pair) for block in blocks}) == len(blocks)
    for block in blocks:
        for engine in asked["engines"]:
            assert [call.position for call in block.calls if call.place.engine == engine] == [0, 1]


@given(PLANS)
def test_cold_pairs_stand_apart_and_warm_ups_come_right_before_the_warm_pairs(asked):
    phases = [block.phase for block in made(asked).blocks]
    warm_ups, colds, warms = (
        [phase] * asked[count] for phase, count in (("warmup", "warmup"), ("cold", "cold"), ("warm", "runs"))
    )
    assert phases == warm_ups + colds + (warm_ups if colds else []) + warms


@given(PLANS, st.integers(0, 3), st.integers(0, 3))
def test_more_warm_ups_or_cold_starts_leave_the_warm_order_as_it_was(asked, warmup, cold):
    def warm(schedule):
        return [block for block in schedule.blocks if block.phase == "warm"]

    assert warm(made(asked)) == warm(made({**asked, "warmup": warmup, "cold": cold}))


def test_every_place_in_a_block_comes_up_for_every_engine_and_side():
    blocks = plan(both_sides(["torch", "onnx"]), images=1, runs=400, warmup=0, cold=0, seed=3).blocks
    places = Counter((place, call.place) for block in blocks for place, call in enumerate(block.calls))
    assert len(places) == 16
    assert min(places.values()) > 70, "100 each on average; 70 is 3.5 deviations below"


def test_variants_of_one_side_are_places_of_their_own_that_share_the_image():
    places = [Place("onnx", "local"), Place("onnx", "local", "one thread"), Place("onnx", "remote")]
    for block in plan(places, images=3, runs=4, warmup=1, cold=1, seed=2).blocks:
        assert sorted(call.place for call in block.calls) == sorted(places)
        assert [call.position for call in block.calls] == [0, 1, 2]


def test_one_side_alone_can_be_scheduled():
    schedule = plan([Place("torch", "remote")], images=2, runs=3, warmup=1, cold=0, seed=0)
    assert schedule.counts() == {"warmup": 1, "warm": 3}
    assert {call.place.side for block in schedule.blocks for call in block.calls} == {"remote"}


@pytest.mark.parametrize(
    "wrong",
    [{"runs": -1}, {"images": 0}, {"places": []}, {"places": [Place("torch", "local"), Place("torch", "local")]}],
)
def test_a_schedule_of_nothing_is_refused(wrong):
    asked = {"places": both_sides(["torch"]), "images": 1, "runs": 1, "warmup": 0, "cold": 0, "seed": 0, **wrong}
    with pytest.raises(ValueError, match="must"):
        plan(**asked)


def test_the_order_of_a_seed_is_the_same_on_every_machine_and_version():
    blocks = plan(both_sides(["torch", "onnx"]), images=3, runs=3, warmup=0, cold=0, seed=1).blocks
    written = [
        (block.image, " ".join(f"{call.place.engine}/{call.place.side}" for call in block.calls)) for block in blocks
    ]
    assert written == [
        (2, "onnx/remote torch/remote torch/local onnx/local"),
        (0, "torch/remote onnx/local torch/local onnx/remote"),
        (1, "torch/local onnx/remote torch/remote onnx/local"),
    ]
