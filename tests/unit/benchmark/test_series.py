import pytest
from msgspec.structs import replace

from factories import make_answer, make_attempt, make_failed, make_run, make_sample, make_stages
from resnet_bench.benchmark.nested import nested
from resnet_bench.benchmark.series import MEASURES, counts, engines_and_sides, paired, series
from resnet_bench.results.records import Skipped

MIB = 1024 * 1024


def warm(side, pair, total_s=0.04, **changes):
    return make_sample(side, pair=pair, total_s=total_s, **changes)


def test_the_total_is_what_the_caller_waits_for_on_either_side():
    run = make_run(samples=(warm("local", 0, 0.04), warm("remote", 0, 0.2)))
    assert series(run, engine="torch", side="local").values == (0.04,)
    (remote,) = series(run, engine="torch", side="remote").values
    assert remote == run.samples[1].client.total_s > 0.2


def test_only_the_phase_side_and_engine_asked_for_are_taken():
    run = make_run(runs=7)
    one = series(run, engine="onnx", side="remote", measure="inference")
    assert one.pairs == tuple(range(7))
    assert (one.failed, one.mislabelled, one.absent) == (0, 0, 0)
    assert len(series(run, engine="onnx", side="remote", phase="cold").values) == 3


def test_failed_calls_are_left_out_and_counted():
    run = make_run(samples=(warm("remote", 0), make_failed(pair=1), warm("remote", 2)))
    one = series(run, engine="torch", side="remote")
    assert (one.pairs, one.failed) == ((0, 2), 1)


def test_calls_whose_first_call_flag_contradicts_their_phase_are_left_out_and_counted():
    fresh = make_answer(3.0, side="remote", cold_start=True)
    used = make_answer(0.2, side="remote", cold_start=False)
    samples = (
        warm("remote", 0),
        warm("remote", 1, outcome=fresh),
        make_sample("remote", phase="cold", outcome=used),
        make_sample("remote", phase="warmup", outcome=fresh),
    )
    run = make_run(samples=samples)
    assert series(run, engine="torch", side="remote").mislabelled == 1
    assert series(run, engine="torch", side="remote").pairs == (0,)
    assert series(run, engine="torch", side="remote", phase="cold").mislabelled == 1
    assert series(run, engine="torch", side="remote", phase="warmup").mislabelled == 0


def test_calls_that_were_answered_only_when_repeated_are_left_out_and_counted():
    again = warm("remote", 1, attempts=(make_attempt(),))
    samples = (warm("local", 0), warm("remote", 0), warm("local", 1), again)
    run = make_run(samples=(*samples, make_failed(pair=2, attempts=(make_attempt(),))))
    one = series(run, engine="torch", side="remote")
    assert (one.pairs, one.retried, one.failed, one.mislabelled) == ((0,), 1, 1, 0)
    assert not counts(again, again.outcome)
    assert len(paired(run, engine="torch").remote) == 1, "its pair is left out with it"


def test_what_was_not_measured_is_absent_and_not_zero():
    run = make_run(samples=(warm("local", 0), warm("remote", 0, trace=Skipped("sampled out"))))
    assert series(run, engine="torch", side="local", measure="json_parse").absent == 1
    assert series(run, engine="torch", side="remote", measure="trace.total").absent == 1
    assert series(run, engine="torch", side="remote", measure="memory.cgroup_peak").values == (560 * MIB,)


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_every_measure_can_be_read_from_every_sample(measure):
    run = make_run(samples=(warm("local", 0), warm("remote", 0), make_sample("remote", phase="cold")))
    for phase in ("warm", "cold"):
        for side in ("local", "remote"):
            one = series(run, engine="torch", side=side, measure=measure, phase=phase)
            assert len(one.values) + one.absent == (0 if (side, phase) == ("local", "cold") else 1)
            assert all(value >= 0 for value in one.values)


def test_a_measure_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError):
        series(make_run(runs=1), engine="torch", side="local", measure="nonsense")


def test_pairs_that_lack_a_side_are_left_out():
    samples = (warm("remote", 1, 0.3), warm("local", 0, 0.04), make_failed(pair=0), warm("local", 1, 0.05))
    pairs = paired(make_run(samples=samples), engine="torch", measure="handler")
    near, far = pairs.local, pairs.remote
    assert (near, far) == ((0.05,), (0.3,))


def test_engines_and_sides_are_those_that_were_measured():
    samples = (make_sample("remote", engine="onnx"), make_sample("remote"), make_sample("local"))
    assert engines_and_sides(make_run(samples=samples)) == (
        ("onnx", "remote"),
        ("torch", "local"),
        ("torch", "remote"),
    )


def test_remainders_of_the_nested_clocks_add_up_to_the_clients_total():
    times = nested(warm("remote", 0, 0.2))
    parts = (times.network_s, times.platform_rest_s, times.handler_s)
    assert min(parts) > 0
    assert sum(parts) == pytest.approx(times.client_s)


def test_without_a_trace_the_platform_is_unknown_and_the_rest_still_adds_up():
    times = nested(warm("remote", 0, 0.2, trace=Skipped("late")))
    assert times.platform_s is times.network_s is times.platform_rest_s is None
    assert times.client_rest_s + times.handler_s == pytest.approx(times.client_s)


def test_clocks_that_contradict_each_other_show_a_negative_remainder():
    sample = warm("remote", 0, 0.2)
    impossible = replace(sample, outcome=make_answer(side="remote", stages=make_stages(9.0)))
    assert nested(impossible).client_rest_s < 0


def test_local_and_failed_calls_have_no_nested_clocks():
    assert nested(warm("local", 0)) is None
    assert nested(make_failed()) is None
