from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.errors import EngineError
from resnet_bench.inference import labels
from resnet_bench.inference.labels import Label
from resnet_bench.inference.ranking import rank


def named(count: int) -> list[Label]:
    return [Label(f"n{index}", f"class {index}") for index in range(count)]


def test_the_softmax_of_known_logits() -> None:
    ranked = rank(np.log(np.array([1, 2, 5], np.float32)), named(3), 2)
    assert [(each.index, each.wordnet_id, each.name) for each in ranked] == [(2, "n2", "class 2"), (1, "n1", "class 1")]
    assert [each.probability for each in ranked] == pytest.approx([5 / 8, 2 / 8], rel=1e-6)


@given(st.lists(st.floats(-(2.0**90), 2.0**90, width=32), min_size=1, max_size=60), st.integers(1, 70))
def test_probabilities_fall_and_sum_to_at_most_one(values: list[float], top: int) -> None:
    ranked = rank(np.array(values, np.float32), named(len(values)), top)
    probabilities = [each.probability for each in ranked]
    assert len(ranked) == min(top, len(values))
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1 + 1e-9
    if top >= len(values):
        assert sum(probabilities) == pytest.approx(1)
    best = max(values)
    assert ranked[0].probability == max(probabilities)
    assert values[ranked[0].index] == best


def test_all_ties_come_in_the_order_of_their_index() -> None:
    assert [each.index for each in rank(np.zeros(4, np.float32), named(4), 4)] == [0, 1, 2, 3]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_logit_that_is_not_finite_is_an_engine_error(bad: float) -> None:
    logits = np.zeros(1000, np.float32)
    logits[3] = bad
    with pytest.raises(EngineError, match="not finite"):
        rank(logits, labels.load(), 5)
