import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import PREDICTIONS, make_answer, make_failed, make_run, make_sample, make_samples
from inexact import inexact_sample
from resnet_bench.benchmark.agreement import agreement, difference
from resnet_bench.results.records import Prediction


def pair_of(remote_predictions, **changes):
    remote = make_sample("remote", outcome=make_answer(side="remote", predictions=remote_predictions), **changes)
    return make_run(samples=(make_sample("local"), remote))


def nudged(by):
    return tuple(replace(prediction, probability=prediction.probability + by) for prediction in PREDICTIONS)


def listed(*items):
    return tuple(Prediction(index, f"n{index:08d}", f"class {index}", probability) for index, probability in items)


def test_a_whole_run_of_equal_answers_agrees():
    assert agreement(make_run(samples=make_samples(runs=5))) == ()


def test_probabilities_within_the_tolerance_agree():
    assert agreement(pair_of(nudged(9e-5))) == ()


def test_other_probabilities_disagree_with_both_figures():
    (found,) = agreement(pair_of(nudged(2e-4)))
    assert (found.engine, found.phase, found.pair, found.image) == ("torch", "warm", 0, "cat.jpg")
    assert found.reason == "tabby 0.61000 locally, tabby 0.61020 remotely"


def test_another_order_disagrees():
    first, second, *rest = PREDICTIONS
    assert len(agreement(pair_of((second, first, *rest)))) == 1


def test_ties_may_swap_places():
    assert difference(listed((1, 0.5), (2, 0.49995)), listed((2, 0.5), (1, 0.49995))) == ""


def test_a_tie_may_swap_out_of_the_list():
    assert difference(listed((1, 0.5), (2, 0.1)), listed((1, 0.5), (3, 0.10005))) == ""


def test_a_class_of_its_own_probability_may_not_be_replaced():
    # Same figures at each rank, but the classes are swapped far apart.
    assert "class 1" in difference(listed((1, 0.5), (2, 0.1)), listed((2, 0.5), (1, 0.1)))
    assert "class 2" in difference(listed((1, 0.5), (2, 0.3), (3, 0.1)), listed((1, 0.5), (4, 0.3), (3, 0.1)))


def test_lists_of_different_length_disagree():
    assert agreement(pair_of(PREDICTIONS[:3]))[0].reason == "5 predictions locally, 3 remotely"


def test_different_images_are_a_disagreement_of_their_own():
    assert agreement(pair_of(PREDICTIONS, image="dog.jpg"))[0].reason == "different images: cat.jpg and dog.jpg"


def test_pairs_with_a_failed_or_missing_side_are_not_judged():
    other = make_answer(side="remote", predictions=nudged(0.1))
    samples = (make_sample("local"), make_failed(), make_sample("remote", pair=1, outcome=other))
    assert agreement(make_run(samples=samples)) == ()


def test_engines_and_phases_are_not_mixed_up():
    other = make_answer(side="remote", predictions=nudged(0.1))
    samples = (
        make_sample("local"),
        make_sample("remote", engine="onnx", outcome=other),
        make_sample("remote", phase="warmup", outcome=other),
        make_sample("remote"),
    )
    assert agreement(make_run(samples=samples)) == ()


def test_of_a_session_one_number_is_one_pair_also_where_only_one_side_was_cold():
    remote = make_sample("remote", phase="cold", outcome=make_answer(side="remote", predictions=nudged(2e-4)))
    run = make_run(samples=(make_sample("local"), remote))
    assert agreement(run) == ()
    session = replace(run, settings=replace(run.settings, command="serve"))
    assert len(agreement(session)) == 1


@pytest.mark.parametrize(
    ("engine", "by", "disagrees"),
    [("onnx", 2e-3, True), ("onnx-int8", 2e-3, False), ("openvino-bf16", 2e-3, False), ("onnx-int8", 2e-2, True)],
)
def test_a_reduced_precision_may_round_the_other_way_on_another_processor(engine, by, disagrees):
    local, remote = inexact_sample("local", engine, 0.04), inexact_sample("remote", engine, 0.08)
    remote = replace(remote, outcome=replace(remote.outcome, predictions=nudged(by)))
    assert bool(agreement(make_run(samples=(local, remote)))) is disagrees


def test_different_variants_of_an_engine_are_no_pair_and_no_disagreement():
    local, remote = inexact_sample("local", "onnx", 0.04), inexact_sample("remote", "onnx-int8", 0.08)
    remote = replace(remote, outcome=replace(remote.outcome, predictions=PREDICTIONS[::-1]))
    assert agreement(make_run(samples=(local, remote))) == ()


@pytest.mark.parametrize("first", ["local", "remote"])
def test_which_side_ran_first_does_not_change_who_is_called_local(first):
    run = pair_of(nudged(2e-4))
    samples = run.samples if first == "local" else run.samples[::-1]
    assert agreement(replace(run, samples=samples))[0].reason.startswith("tabby 0.61000 locally")


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5), st.lists(st.floats(-9e-5, 9e-5), min_size=5, max_size=5))
def test_noise_below_half_the_tolerance_never_disagrees_whatever_it_reorders(probabilities, noise):
    def ranked(values):
        return listed(*sorted(enumerate(values), key=lambda item: -item[1]))

    moved = [value + by for value, by in zip(probabilities, noise, strict=True)]
    assert difference(ranked(probabilities), ranked(moved)) == ""
