"""What is left of an interrupted run, wherever it stopped, and what must not have changed meanwhile."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import make_deployment, make_enforcement, make_environment, make_facts, make_failed, make_sample
from resnet_bench.benchmark.resumption import TORN, Rest, other_answers, other_deployment, other_machine, rest
from resnet_bench.benchmark.schedule import Block, Call, Schedule, both_sides, plan
from resnet_bench.results.records import Answer, Sample

ENGINES = ("torch", "onnx")
WARMUP, IMAGES, SEED = 2, 2, 3
WHOLE = plan(both_sides(ENGINES), images=IMAGES, runs=5, warmup=WARMUP, cold=1, seed=SEED)


def sample(block: Block, call: Call) -> Sample:
    place = call.place
    return make_sample(
        place.side, engine=place.engine, phase=block.phase, pair=block.pair, image=f"image {block.image}"
    )


def samples_of(schedule: Schedule) -> list[Sample]:
    return [sample(block, call) for block in schedule.blocks for call in block.calls]


def left(samples: list[Sample], schedule: Schedule = WHOLE) -> Rest:
    return rest(schedule, samples, images=IMAGES, warmup=WARMUP, seed=SEED)


def keys(samples: list[Sample] | tuple[Sample, ...]) -> Counter[tuple[str, int, str, str]]:
    return Counter((one.phase, one.pair, one.engine, one.side) for one in samples)


@given(st.lists(st.integers(1, 2 * len(samples_of(WHOLE))), max_size=4))
def test_a_run_interrupted_anywhere_and_however_often_has_each_scheduled_call_once(stops: list[int]) -> None:
    kept: list[Sample] = []
    aside: list[Sample] = []
    made, scheduled = 0, WHOLE
    for stop in stops:
        new = samples_of(scheduled)[:stop]
        made += len(new)
        found = left([*kept, *new])
        kept, scheduled = list(found.kept), found.schedule
        aside += found.aside
    finished = [*kept, *samples_of(scheduled)]
    wanted = keys(samples_of(WHOLE))
    assert {key: keys(finished)[key] for key in wanted} == wanted
    assert max(keys(finished).values()) == 1, "numbers of warm-ups behind a seam collide with none"
    assert {phase for phase, *_ in keys(finished) - wanted} <= {"warmup"}
    assert len(kept) + len(aside) == made, "nothing that was measured is gone"


def test_a_torn_block_is_measured_again_as_a_whole_and_its_half_is_set_aside() -> None:
    all_of_them = samples_of(WHOLE)
    torn = left(all_of_them[:-3])
    assert torn.aside == (all_of_them[-4],)
    assert torn.kept == tuple(all_of_them[:-4])
    *ups, last = torn.schedule.blocks
    assert last == WHOLE.blocks[-1]
    assert [block.phase for block in ups] == ["warmup"] * WARMUP
    assert "again" in TORN


def test_what_failed_is_done() -> None:
    failed = make_failed(engine="onnx", phase="warm", pair=4)
    made = [one for one in samples_of(WHOLE) if keys([one]) != keys([failed])]
    assert left([*made, failed]).schedule == Schedule(())


def test_the_sides_are_warmed_up_and_asked_who_they_are_even_where_no_warm_up_was_wanted() -> None:
    bare = plan(both_sides(["onnx"]), images=1, runs=3, warmup=0, cold=0, seed=0)
    found = rest(bare, samples_of(bare)[:2], images=1, warmup=0, seed=0)
    assert [(block.phase, block.pair) for block in found.schedule.blocks] == [("warmup", 0), ("warm", 1), ("warm", 2)]
    assert len(found.schedule.blocks[0].calls) == 2


def test_the_load_and_a_page_of_memory_may_be_others_and_all_else_of_the_machine_may_not() -> None:
    before = make_environment()
    assert other_machine(before, replace(before, load_1m=7.0, memory_bytes=before.memory_bytes - 4096)) == ()
    changes = {
        "os": "Debian GNU/Linux 12, kernel 6.2.0, x86_64",
        "cpu_model": "another",
        "cpus_count": 2,
        "memory_bytes": 2**33,
        "python": "CPython 3.13.0",
        "versions": {**before.versions, "onnxruntime": "2.0", "openvino": "1"},
    }
    for name, value in changes.items():
        assert other_machine(before, replace(before, **{name: value})), name
    told = other_machine(before, replace(before, versions=changes["versions"]))
    assert [(one.what, one.before, one.after) for one in told] == [("onnxruntime", "1.31.1", "2.0")], "openvino is new"
    assert all(one.after == "none" for one in other_machine(before, replace(before, versions={"openvino": "1"})))


@pytest.mark.parametrize(
    "change",
    [
        {"memory_bytes": 2**29},
        {"cpu_share": 0.1},
        {"kind": "url"},
        {"region": "eu-west-1"},
        {"function": "another"},
        {"enforcement": make_enforcement("throttle")},
        {"enforcement": make_enforcement(memory_limited=False)},
    ],
    ids=str,
)
def test_another_deployment_is_told_from_the_first(change: dict[str, object]) -> None:
    deployment = make_deployment()
    assert other_deployment(deployment, deployment) == ()
    assert len(other_deployment(deployment, replace(deployment, **change))) == 1
    assert other_deployment(deployment, None)


def answered(**changes: object) -> Sample:
    made = make_sample("remote", engine="onnx")
    assert isinstance(made.outcome, Answer)
    return replace(made, outcome=replace(made.outcome, runtime=make_facts("onnx", **changes)))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"weights_sha256": "f" * 64}, "weights"),
        ({"threads_count": 2}, "threads"),
        ({"versions": {"onnxruntime": "2.0"}}, "onnxruntime"),
        ({"decode": "fast"}, "decoding"),
        ({"precision": "int8"}, "precision"),
    ],
    ids=str,
)
def test_other_weights_or_another_engine_are_told_by_the_answers(change: dict[str, object], what: str) -> None:
    (found,) = other_answers([answered()], [make_failed(), answered(**change)])
    assert found.what == f"{what} of onnx on Lambda"
    assert other_answers([answered()], [answered(cpu_model="another environment's")]) == ()
    assert other_answers([make_failed()], [answered()]) == (), "a place that never answered tells nothing"
