import random

import pytest
from msgspec.structs import replace

from doubts import QUIET, codes, message, with_outcomes
from factories import (
    make_answer,
    make_client,
    make_deployment,
    make_enforcement,
    make_environment,
    make_facts,
    make_failed,
    make_run,
    make_sample,
    make_samples,
    make_settings,
    make_stages,
)
from resnet_bench.benchmark.checks import CHECKS, check
from resnet_bench.results.records import ReportLine, Skipped
from resnet_bench.units import number

MIB = 1024 * 1024


def warm_run(totals, *, side="local", images=None, **changes):
    """A run of one engine on one side with these totals."""
    images = images or ["cat.jpg"] * len(totals)
    samples = [
        make_sample(side, total_s=total, pair=pair, image=image)
        for pair, (total, image) in enumerate(zip(totals, images, strict=True))
    ]
    return make_run(samples=tuple(samples), settings=make_settings(engines=("torch",)), **changes)


def noisy(count, median=0.04, spread=0.02, seed=2):
    rng = random.Random(seed)
    return [median * rng.lognormvariate(0, spread) for _ in range(count)]


def test_a_good_run_raises_no_doubt():
    assert check(QUIET) == ()


def test_every_doubt_has_a_figure_or_reason_and_a_next_step():
    bad = make_run(
        samples=(make_failed(), make_failed(status=429), make_sample("remote", phase="cold", outcome=make_answer())),
        environment=make_environment(load_1m=20.0, cpus_count=1),
        deployment=make_deployment(enforcement=make_enforcement("none")),
    )
    found = check(bad)
    assert len(found) > 6
    assert all(len(caveat.message) > 20 and len(caveat.next_step) > 10 for caveat in found)
    assert all("\n" not in caveat.message + caveat.next_step for caveat in found)


def test_a_doubt_that_is_stored_already_is_not_raised_again():
    run = make_run(runs=5)
    assert check(run)
    assert check(replace(run, caveats=check(run))) == ()
    reworded = tuple(replace(caveat, next_step="other advice") for caveat in check(run))
    assert check(replace(run, caveats=reworded)) == ()


def test_a_run_without_samples_can_be_checked():
    assert codes(make_run(samples=())) <= {"few-runs"}
    assert len({each.__name__ for each in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [(5, {"few-runs"}), (19, {"few-runs"}), (60, {"thin-tail"}), (99, {"thin-tail"}), (100, set())],
)
def test_few_runs_are_doubted_by_what_they_cannot_tell(runs, expected):
    assert codes(warm_run(noisy(runs, spread=0.01))) == expected


def test_a_drifting_run_is_doubted_with_its_drift():
    slower = noisy(60) + noisy(60, median=0.05, seed=3)
    assert "1.2" in message(warm_run(slower), "drift")


def test_images_of_different_size_raise_no_doubt():
    images = ["small.jpg", "huge.jpg"] * 60
    totals = [value * (10 if image == "huge.jpg" else 1) for value, image in zip(noisy(120), images, strict=True)]
    assert codes(warm_run(totals, images=images)) == set()


def test_an_uncertain_median_is_doubted_with_its_image_and_bounds():
    wide = noisy(10, spread=0.8)
    images = ["steady.jpg"] * 10 + ["wild.jpg"] * 10 + ["rare.jpg"] * 5
    text = message(warm_run(noisy(10) + wide + noisy(5, spread=0.8, seed=8), images=images), "wide-interval")
    # Ranks 2 and 9 of 10; five samples of an image are too few to judge.
    low, high = (number(sorted(wide)[place] * 1000) for place in (1, 8))
    assert f"1 of 2 of torch local; the worst, of wild.jpg, lies between {low} and {high} ms" in text


def test_stragglers_are_outliers_and_a_long_tail_alone_is_not():
    totals = noisy(110) + [0.09] * 10
    random.Random(4).shuffle(totals)
    assert codes(warm_run(totals)) == {"outliers"}
    assert "10 of 120" in message(warm_run(totals), "outliers")
    assert "outliers" not in codes(warm_run(noisy(120, spread=0.3)))


def test_two_kinds_of_calls_are_seen_as_two_modes():
    totals = noisy(60) + noisy(60, median=0.06, seed=5)
    random.Random(4).shuffle(totals)
    assert "two kinds" in message(warm_run(totals), "two-modes")
    uniform = [0.04 + 0.04 * i / 120 for i in range(120)]
    random.Random(4).shuffle(uniform)
    assert "two-modes" not in codes(warm_run(uniform))


def test_untrained_weights_are_always_named():
    random_weights = make_facts(trained=False)
    run = with_outcomes(QUIET, lambda s: replace(s, outcome=replace(s.outcome, runtime=random_weights)))
    assert message(run, "untrained-weights") == "untrained weights: timings are valid, predictions are not"


def waiting(share, *, every=1):
    """A run of which every so many'th local call waited for a CPU for this share of its threads' time."""
    samples = []
    for pair in range(12):
        sample = make_sample("local", total_s=0.04, pair=pair)
        runtime = replace(sample.outcome.runtime, threads_count=2)
        stages = replace(sample.outcome.stages, cpu_wait_s=0 if pair % every else 2 * share * 0.04)
        samples.append(replace(sample, outcome=replace(sample.outcome, runtime=runtime, stages=stages)))
    return make_run(samples=tuple(samples), settings=make_settings(engines=("torch",)))


@pytest.mark.parametrize(("share", "doubted"), [(0.0, False), (0.02, False), (0.06, True), (0.8, True)])
def test_time_that_other_programs_took_is_doubted_by_how_long_threads_waited(share, doubted):
    assert ("cpu-taken" in codes(waiting(share))) == doubted
    if doubted:
        assert f"{share:.0%}" in message(waiting(share), "cpu-taken")


def test_a_neighbour_that_works_now_and_then_is_doubted_too_and_told_as_that():
    assert "in a tenth of its calls" in message(waiting(0.8, every=5), "cpu-taken")
    assert "cpu-taken" not in codes(waiting(0.1, every=5))


@pytest.mark.parametrize(
    ("load", "cpus", "busy"), [(0.9, 2, False), (1.1, 2, True), (11.0, 24, False), (None, 2, False)]
)
def test_a_busy_machine_is_doubted_by_its_load_per_cpu(load, cpus, busy):
    assert ("host-busy" in codes(replace(QUIET, environment=make_environment(load_1m=load, cpus_count=cpus)))) == busy


@pytest.mark.parametrize(
    ("mechanism", "expected"),
    [
        ("cgroup-v2", set()),
        ("none", {"cpu-not-limited", "memory-not-limited"}),
        ("throttle", {"throttle-approximate"}),
    ],
)
def test_limits_of_the_emulated_lambda_are_doubted_by_their_mechanism(mechanism, expected):
    run = replace(QUIET, deployment=make_deployment(enforcement=make_enforcement(mechanism)))
    assert codes(run) == expected


def test_a_peak_above_the_limit_is_doubted_with_a_size_that_has_room():
    def above(sample):
        memory = replace(sample.outcome.memory, peak_rss_bytes=1200 * MIB, limit_bytes=1024 * MIB)
        return replace(sample, outcome=replace(sample.outcome, memory=memory))

    run = with_outcomes(QUIET, above, 1, side="remote", phase="cold")
    (caveat,) = check(run)
    assert caveat.code == "memory-above-limit"
    assert caveat.message.startswith("resident memory of 1,200 MB exceeds the limit of 1,024 MB: ")
    assert caveat.next_step == "--memory 1408"  # 1320 MB would do; the next multiple of 128.


def test_a_real_lambda_needs_no_limits_of_ours():
    lambda_ = make_enforcement("lambda", cpu_limited=False, memory_limited=False)
    assert codes(replace(QUIET, deployment=make_deployment(kind="aws", enforcement=lambda_))) == set()


def test_calls_that_met_a_function_of_another_size_are_told_by_their_report_lines():
    def smaller(sample):
        return replace(sample, report=replace(sample.report, memory_size_bytes=512 * MIB))

    deployed = replace(QUIET, deployment=make_deployment(kind="aws"))
    samples = [sample for sample in deployed.samples if isinstance(sample.report, ReportLine)]
    changed = replace(
        deployed, samples=tuple(smaller(each) if each is samples[0] else each for each in deployed.samples)
    )
    assert codes(changed) == {"memory-changed"}
    assert message(changed, "memory-changed").startswith(f"1 of {len(samples)} calls met a function of another size")


def test_a_local_run_is_only_doubted_for_limits_that_it_asked_for():
    free = make_enforcement("none")
    asked = warm_run(noisy(120), deployment=None, local_enforcement=free)
    asked = replace(asked, settings=make_settings(command="local", memory_bytes=1024 * MIB, engines=("torch",)))
    assert codes(asked) == {"cpu-not-limited", "memory-not-limited"}
    assert (
        codes(replace(asked, settings=make_settings(command="local", memory_bytes=None, engines=("torch",)))) == set()
    )


def test_vcpus_that_the_machine_lacks_are_doubted():
    big = make_deployment(memory_bytes=10_240 * MIB, vcpus_count=6)
    assert codes(replace(QUIET, deployment=big)) == set()
    capped = replace(QUIET, deployment=big, environment=make_environment(cpus_count=4))
    assert message(capped, "vcpus-capped") == "Lambda shows 6 vCPUs at 10240 MB; this machine has 4"


def test_sides_with_other_versions_or_weights_are_doubted_by_name():
    other = make_facts(versions={"torch": "2.6.0", "torchvision": "0.29.1"}, weights_sha256="c" * 64, threads_count=4)
    run = with_outcomes(
        QUIET,
        lambda s: replace(s, outcome=replace(s.outcome, runtime=other)),
        len(QUIET.samples),
        engine="torch",
        side="remote",
    )
    text = message(run, "sides-differ")
    assert "torch 2.14.1, 2.6.0" in text
    assert "weights aaaaaaaaaaaa, cccccccccccc" in text
    assert "torchvision" not in text
    assert "threads" not in text


def test_traces_are_counted_by_what_became_of_them():
    def untraced(sampled, skipped):
        def change(sample):
            identity = replace(sample.outcome.identity, sampled=sampled)
            return replace(sample, trace=skipped, outcome=replace(sample.outcome, identity=identity))

        return change

    run = make_run(samples=make_samples(runs=120, cold=0, engines=("torch",)))
    late = untraced(True, Skipped("not indexed yet", pending=True))
    run = with_outcomes(run, late, 5, phase="warm", side="remote")
    run = with_outcomes(run, untraced(False, Skipped("not sampled")), 3, phase="warm", side="remote")
    assert message(run, "trace-coverage") == "115/120 calls traced: 3 sampled out, 2 late"


def test_clocks_that_contradict_each_other_are_doubted():
    impossible = lambda s: replace(s, outcome=replace(s.outcome, stages=make_stages(9.0, remote=True)))  # noqa: E731
    run = with_outcomes(QUIET, impossible, 2, phase="warm", side="remote")
    total = sum(sample.side == "remote" for sample in run.samples)
    assert message(run, "nesting-violated").startswith(f"in 2 of {total} calls")


def test_a_trace_may_be_shorter_by_its_own_resolution():
    short = lambda s: replace(s, trace=replace(s.trace, total_s=s.outcome.stages.total_s - 0.0019))  # noqa: E731
    assert codes(with_outcomes(QUIET, short, 50, phase="warm", side="remote")) == set()


def test_a_client_that_waited_less_than_the_platform_worked_is_doubted():
    quick = lambda s: replace(s, client=make_client(s.outcome.stages.total_s + 0.0001))  # noqa: E731
    assert "nesting-violated" in codes(with_outcomes(QUIET, quick, 1, phase="warm", side="remote"))


def test_a_clock_that_ticks_too_slowly_is_doubted_by_stage():
    ticking = [round(total, 2) for total in noisy(120, median=0.05, spread=0.2)]
    text = message(warm_run(ticking), "clock-resolution")
    assert "torch local total" in text
