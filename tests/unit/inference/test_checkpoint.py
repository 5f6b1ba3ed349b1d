"""Weights files of others: read, checked, and refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from resnet_bench.errors import WeightsError
from resnet_bench.inference import checkpoint, untrained

State = dict[str, Any]


@pytest.fixture(scope="module")
def weights() -> State:
    return untrained.generate()


@pytest.fixture
def state(weights: State) -> State:
    return {name: torch.from_numpy(value) for name, value in weights.items()}


def same(found: State, expected: State) -> bool:
    return list(found) == list(expected) and all(np.array_equal(found[name], expected[name]) for name in expected)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 90},
        lambda state: {f"module.{name}": value for name, value in state.items()},
        lambda state: state | {"bn1.num_batches_tracked": torch.tensor(7)},
        lambda state: {name: value.double() for name, value in state.items()},
        lambda state: dict(reversed(state.items())),
    ],
    ids=["plain", "wrapped", "prefixed", "with-counters", "double", "other-order"],
)
def test_a_pth_comes_back_as_it_was(
    wrap: Callable[[State], State], state: State, weights: State, tmp_path: Path
) -> None:
    file = tmp_path / "w.pth"
    torch.save(wrap(state), file)
    assert same(checkpoint.read(file), weights)


def test_safetensors_come_back_as_they_were(weights: State, tmp_path: Path) -> None:
    file = tmp_path / "w.safetensors"
    checkpoint.write(weights, file)
    assert same(checkpoint.read(file), weights)


def test_a_full_disk_is_an_os_error(weights: State) -> None:
    with pytest.raises(OSError, match="No space left"):
        checkpoint.write(weights, Path("/dev/full"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda state: {"fc.bias": state["fc.bias"]}, "266|265 more are missing"),
        (lambda state: state | {"layer5.0.conv1.weight": state["fc.bias"]}, "also has layer5"),
        (lambda state: state | {"fc.bias": torch.zeros(10)}, r"fc.bias has shape \(10,\)"),
        (lambda state: torch.zeros(3), "holds no state dict"),
        (lambda state: {"fc.bias": 3}, "holds no state dict"),
    ],
    ids=["missing", "extra", "shape", "tensor", "numbers"],
)
def test_what_is_not_a_resnet50_is_refused(
    change: Callable[[State], Any], complaint: str, state: State, tmp_path: Path
) -> None:
    file = tmp_path / "w.pth"
    torch.save(change(state), file)
    with pytest.raises(WeightsError, match=complaint):
        checkpoint.read(file)


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("trapped"),))


def test_nothing_in_a_pth_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"fc.bias": Trap()}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="read safely"):
        checkpoint.read(tmp_path / "w.pth")
    assert not Path("trapped").exists()


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.parametrize("content", [b"", b"hello", b"PK\3\4" + bytes(40), bytes(200)])
def test_a_file_that_holds_no_weights_is_refused_in_one_line(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        checkpoint.read(tmp_path / name)
    assert "\n" not in caught.value.message
    assert caught.value.hint
