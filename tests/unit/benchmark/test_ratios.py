"""Ratios within images: what they are, and how often their intervals hold what they claim to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.benchmark import ratios, resampling, stats
from resnet_bench.benchmark.schedule import Place, plan

VALUES = st.lists(st.floats(min_value=1e-6, max_value=1e3), min_size=1, max_size=80)
FACTORS = st.floats(min_value=1e-3, max_value=1e3)


def ends(interval):
    return None if interval is None else (interval.low, interval.high)


@pytest.fixture
def fewer_resamples(monkeypatch):
    """Enough for how often; 10,000 are for the last digit."""
    monkeypatch.setattr(resampling, "RESAMPLES", 500)


def test_a_ratio_is_the_geometric_mean_of_the_images_median_pair_ratios():
    # a: pairs 2, 3, 4, 100 have the median 12 ** 0.5 by logarithms; b: 3, 3, 12, 12 have 6. Their mean is 72 ** 0.25.
    images = ["a", "b"] * 4
    above = [2, 30, 3, 30, 4, 120, 100, 120]
    below = [1, 10, 1, 10, 1, 10, 1, 10]
    ratio = ratios.paired_ratio(above, below, images)
    assert ratio.value == pytest.approx((12**0.5 * 6) ** 0.5)
    assert ratio.n == 8
    assert ratio.value in ratio.interval


def test_one_image_has_the_median_pair_ratio_and_not_the_ratio_of_medians():
    assert ratios.paired_ratio([2, 8, 30], [1, 2, 10]).value == pytest.approx(3)  # Pairs 2, 4, 3; medians 8 over 2.


def test_images_of_too_few_pairs_are_taken_as_one():
    images, above, below = ["a", "a", "a", "b", "b", "b", "b"], [2, 2, 2, 4, 8, 8, 8], [1] * 7
    ratio = ratios.paired_ratio(above, below, images)
    assert ratio == ratios.paired_ratio(above, below)
    assert ratio.value == pytest.approx(4)


def test_an_images_share_of_the_calls_does_not_move_the_ratio():
    before = [1.0] * 10 + [10.0] * 10, ["small"] * 10 + ["large"] * 10
    after = [1.0] * 6 + [10.0] * 14, ["small"] * 6 + ["large"] * 14
    ratio = ratios.unpaired_ratio(after[0], before[0], after[1], before[1])
    assert (ratio.value, ends(ratio.interval)) == (pytest.approx(1), pytest.approx((1, 1)))


def test_only_images_that_both_runs_have_count():
    after, before = [2.0] * 8 + [500.0] * 8, [1.0] * 8 + [7.0] * 8
    ratio = ratios.unpaired_ratio(after, before, ["a"] * 8 + ["b"] * 8, ["a"] * 8 + ["c"] * 8)
    assert (ratio.value, ratio.n) == (pytest.approx(2), 8)
    assert ratios.unpaired_ratio([1.0] * 8, [1.0] * 8, ["a"] * 8, ["b"] * 8) is None


def test_images_of_too_few_samples_in_either_run_give_no_interval():
    images = [f"image-{i % 4}" for i in range(12)]
    ratio = ratios.unpaired_ratio([2.0] * 12, [1.0] * 12, images, images)
    assert (ratio.value, ratio.interval) == (pytest.approx(2), None)


MEDIANS_S = np.geomspace(0.02, 0.2, 8)


def dealt(runs, seed):
    """The images of a run's warm pairs."""
    blocks = plan([Place("torch", "local")], images=8, runs=runs, warmup=0, cold=0, seed=seed).blocks
    return np.array([block.image for block in blocks])


def measured(rng, images, noise):
    return MEDIANS_S[images] * rng.lognormal(0, noise, len(images))


@pytest.mark.parametrize("noise", [0.02, 0.05, 0.10])
def test_intervals_over_images_hold_the_true_ratio_as_often_as_claimed(noise, fewer_resamples):
    rng, held = np.random.default_rng((17, round(noise * 100))), []
    for seed in range(400):
        images = dealt(60, seed)
        remote, local = 5 * measured(rng, images, noise), measured(rng, images, noise)
        held.append(5.0 in ratios.paired_ratio(remote, local, images.tolist()).interval)
    assert 0.93 <= np.mean(held) <= 0.98


@pytest.mark.parametrize("noise", [0.02, 0.05, 0.10])
def test_identical_programs_seldom_differ_whatever_their_seeds_and_runs(noise, fewer_resamples):
    rng, differ = np.random.default_rng((23, round(noise * 100))), []
    for seed in range(400):
        before, after = dealt(60, seed), dealt(50, 1000 + seed)
        first, second = measured(rng, before, noise), measured(rng, after, noise)
        ratio = ratios.unpaired_ratio(second, first, after.tolist(), before.tolist())
        differ.append(1.0 not in ratio.interval)
    assert np.mean(differ) <= 0.08


@pytest.mark.parametrize("function", [ratios.paired_ratio, ratios.unpaired_ratio])
def test_intervals_of_ratios_hold_the_true_ratio_about_as_often_as_claimed(function, fewer_resamples):
    rng = np.random.default_rng(11)
    held = [5.0 in function(5 * rng.lognormal(0, 0.2, 40), rng.lognormal(0, 0.2, 40)).interval for _ in range(400)]
    assert 0.92 <= np.mean(held) <= 0.99


def test_pairing_removes_what_moves_both_sides():
    rng = np.random.default_rng(3)
    weather = rng.lognormal(0, 0.5, 60)
    above, below = 5 * weather * rng.lognormal(0, 0.01, 60), weather * rng.lognormal(0, 0.01, 60)
    paired, unpaired = ratios.paired_ratio(above, below), ratios.unpaired_ratio(above, below)
    assert 5.0 in paired.interval
    widths = [ratio.interval.high - ratio.interval.low for ratio in (paired, unpaired)]
    assert widths[0] < widths[1] / 5


@given(VALUES, FACTORS)
def test_a_series_against_its_multiple_is_that_multiple_exactly_known(values, factor):
    ratio = ratios.paired_ratio([value * factor for value in values], values)
    assert ratio.value == pytest.approx(factor)
    if len(values) >= stats.MIN_SAMPLES:
        assert ends(ratio.interval) == pytest.approx((factor, factor))
    else:
        assert ratio.interval is None


def test_the_same_samples_always_give_the_same_interval():
    values = np.random.default_rng(1).lognormal(0, 1, 50)
    assert ratios.unpaired_ratio(values, values * 2) == ratios.unpaired_ratio(values, values * 2)


def test_nothing_comes_of_no_samples():
    assert ratios.paired_ratio([], []) is None
    assert ratios.unpaired_ratio([1.0], []) is None


@pytest.mark.parametrize("function", [ratios.paired_ratio, ratios.unpaired_ratio])
def test_there_is_no_ratio_with_nothing(function):
    assert function([1.0, 2.0], [0.0, 1.0]) is None
    assert function([0.0, 2.0], [1.0, 1.0]) is None


def test_pairs_need_two_sides():
    with pytest.raises(ValueError, match="no pairs"):
        ratios.paired_ratio([1.0, 2.0], [1.0])


def test_a_stratified_ratio_keeps_pairs_together_within_their_image():
    images = ["small", "large"] * 10
    near = [{"small": 1.0, "large": 10.0}[image] * (1 + 0.1 * (i % 5)) for i, image in enumerate(images)]
    ratio = ratios.paired_ratio([2 * value for value in near], near, images)
    assert (ratio.interval.low, ratio.interval.high) == (pytest.approx(2), pytest.approx(2))
