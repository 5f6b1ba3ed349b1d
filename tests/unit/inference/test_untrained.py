from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from torchvision.models import resnet50

from resnet_bench.errors import WeightsError
from resnet_bench.inference import untrained
from resnet_bench.inference.architecture import parameters


def test_names_order_and_shapes_are_those_of_torchvisions_resnet50() -> None:
    expected = {
        name: tuple(value.shape)
        for name, value in resnet50().state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    assert list(parameters().items()) == list(expected.items())


def test_random_weights_are_the_pinned_bytes_in_a_fresh_process() -> None:
    code = (
        "import sys; from resnet_bench.inference import untrained\n"
        "print(untrained.digest(untrained.generate())); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == untrained.SHA256


def test_random_weights_are_float32_of_the_right_shapes() -> None:
    weights = untrained.generate()
    assert {name: value.shape for name, value in weights.items()} == parameters()
    assert {value.dtype for value in weights.values()} == {np.dtype(np.float32)}


def test_other_bytes_than_the_pinned_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untrained, "SEED", untrained.SEED + 1)
    with pytest.raises(WeightsError, match="random weights came out as"):
        untrained.generate()
