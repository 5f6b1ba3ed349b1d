import pytest
from msgspec.structs import replace

from factories import (
    make_deployment,
    make_enforcement,
    make_environment,
    make_run,
    make_sample,
    make_samples,
    make_settings,
)
from resnet_bench.benchmark import resampling
from resnet_bench.benchmark.diff import diff, unlike
from resnet_bench.errors import ResultError

MIB = 1024 * 1024
BEFORE = make_run(runs=40)


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch):
    """What is tested here is which rows there are, not the last digit of an interval."""
    monkeypatch.setattr(resampling, "RESAMPLES", 1000)


def again(*, local_s=0.04, remote_s=0.2, runs=40, **changes):
    return replace(BEFORE, samples=make_samples(runs=runs, local_s=local_s, remote_s=remote_s, seed=9), **changes)


def row(found, engine, side, measure="total"):
    (one,) = [each for each in found.rows if (each.engine, each.side, each.measure) == (engine, side, measure)]
    return one


def test_a_run_against_itself_shows_no_change():
    found = diff(BEFORE, BEFORE)
    assert {each.ratio.value for each in found.rows} == {1.0}
    assert {each.direction for each in found.rows} == {"unclear"}


def test_a_regression_is_found_on_the_side_that_has_it():
    found = diff(BEFORE, again(remote_s=0.3))
    remote, local = row(found, "torch", "remote"), row(found, "torch", "local")
    assert remote.direction == "slower"
    assert remote.significant
    assert remote.ratio.interval.low < remote.after_s / remote.before_s < remote.ratio.interval.high
    assert remote.ratio.value == pytest.approx(1.5, rel=0.08)
    assert local.ratio.value == pytest.approx(1.0, rel=0.08)
    assert row(found, "onnx", "remote", "inference").direction == "slower"


def test_an_improvement_is_called_faster():
    assert row(diff(BEFORE, again(local_s=0.03)), "onnx", "local", "decode").direction == "faster"


def test_too_few_samples_are_never_significant_and_say_so():
    found = diff(BEFORE, again(remote_s=2.0, runs=4))
    assert not any(each.significant for each in found.rows)
    assert "few-runs" in {caveat.code for caveat in found.caveats}


def test_many_comparisons_come_with_the_number_expected_by_chance():
    found = diff(BEFORE, again())
    (caveat,) = found.caveats
    assert caveat.code == "multiple-comparisons"
    assert f"of {len(found.rows)} comparisons about {0.05 * len(found.rows):.1f}" in caveat.message


def test_stages_that_a_side_does_not_have_get_no_row():
    measures = {(each.side, each.measure) for each in diff(BEFORE, again()).rows}
    assert ("local", "json_parse") not in measures
    assert ("local", "handler") not in measures
    assert ("remote", "json_parse") in measures
    assert ("remote", "read") not in measures


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("CPU model", {"environment": make_environment(cpu_model="AMD EPYC")}),
        ("CPUs", {"environment": make_environment(cpus_count=2)}),
        ("engines", {"settings": make_settings(engines=("torch",), runs=40)}),
        ("memory", {"settings": make_settings(memory_bytes=2048 * MIB, runs=40)}),
        ("threads", {"settings": make_settings(threads=2, runs=40)}),
        ("request body", {"settings": make_settings(raw_body=True, runs=40)}),
        ("remote side", {"deployment": make_deployment(enforcement=make_enforcement("throttle"))}),
        ("remote side", {"deployment": None}),
        ("local limits", {"local_enforcement": make_enforcement()}),
        ("images", {"images": ()}),
    ],
)
def test_unlike_conditions_are_refused_by_name_unless_forced(what, changes):
    after = again(**changes)
    assert [one.what for one in unlike(BEFORE, after)] == [what]
    with pytest.raises(ResultError, match=f"unlike conditions.*{what}") as caught:
        diff(BEFORE, after)
    assert caught.value.exit_code == 5
    forced = diff(BEFORE, after, force=True)
    assert [one.what for one in forced.unlike] == [what]
    assert "unlike-runs" in {caveat.code for caveat in forced.caveats}


def test_other_weights_and_precision_are_read_from_the_answers():
    def changed(sample):
        facts = replace(sample.outcome.runtime, precision="int8", weights="random", weights_sha256="0" * 64)
        return replace(sample, outcome=replace(sample.outcome, runtime=facts))

    after = replace(BEFORE, samples=tuple(changed(sample) for sample in BEFORE.samples))
    assert [one.what for one in unlike(BEFORE, after)] == ["weights", "precision"]


def test_other_library_versions_are_what_a_diff_is_for():
    assert unlike(BEFORE, again(environment=make_environment(versions={"torch": "2.6.0"}, load_1m=3.0))) == ()


def test_runs_that_share_nothing_are_refused():
    after = replace(BEFORE, samples=(make_sample("remote", phase="cold"),))
    with pytest.raises(ResultError, match="no warm measurement in common"):
        diff(BEFORE, after, force=True)


def test_runs_through_different_doors_are_compared_and_told_what_that_shows():
    before, after = make_run(), make_run()
    after = replace(after, settings=replace(after.settings, via="invoke"))
    found = diff(before, after)
    assert found.unlike == ()
    (told,) = [caveat.message for caveat in found.caveats if caveat.code == "called-differently"]
    assert told.startswith("called through the HTTP API before and by Invoke after: what the totals on Lambda differ")
