"""Weights files that somebody made to do harm: none of them runs anything, fills memory, or is taken for weights."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from resnet_bench.errors import WeightsError
from resnet_bench.inference import checkpoint, untrained

State = dict[str, Any]
FIRST = "conv1.weight"


@pytest.fixture(scope="module")
def weights() -> State:
    return untrained.generate()


@pytest.fixture(scope="module")
def sound(weights: State, tmp_path_factory: pytest.TempPathFactory) -> tuple[State, bytes]:
    """Header and data of a safetensors file that would be read."""
    file = tmp_path_factory.mktemp("sound") / "w.safetensors"
    checkpoint.write(weights, file)
    raw = file.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def refusal(file: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        checkpoint.read(file)
    assert caught.value.message.isprintable()
    assert "weights_only" not in caught.value.message, "torch's advice to read it unsafely is not passed on"
    assert caught.value.hint
    return caught.value.message


class Call:
    """A call that a pickle makes when it is read."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._call


def zipped(content: bytes, *, name: str = "archive/data.pkl") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
        archive.writestr("archive/version", b"3")
    return file.getvalue()


@pytest.mark.parametrize("pack", [bytes, zipped], ids=["bare", "zipped"])
@pytest.mark.parametrize(
    "harm",
    [
        lambda trap: Call(os.system, f"touch {trap}"),
        lambda trap: Call(exec, f"open({str(trap)!r}, 'w')"),
        lambda trap: Call(Path.touch, trap),
        lambda trap: Call(getattr, Call(__import__, "os"), "system"),
        lambda trap: Call(torch.load, str(trap)),
        lambda trap: {FIRST: Call(os.open, str(trap), os.O_CREAT)},
    ],
    ids=["shell", "exec", "method", "getattr", "another pickle", "in a state dict"],
)
def test_no_pickle_runs(harm: Callable[[Path], Any], pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(pack(pickle.dumps(harm(tmp_path / "trap"), 2)))
    assert "read safely" in refusal(tmp_path / "w.pth")
    assert not (tmp_path / "trap").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02" + b"(" * 1_000_000,
        b"\x80\x02]q\x00h\x00a.",
        b"\x80\x02X" + struct.pack("<I", 0xFFFFFFFF),
        b"\x80\x02Nr" + struct.pack("<I", 0xFFFFFFF0) + b".",
        zipped(b"", name="../../trap"),
        zipped(b"", name="/trap"),
        zipped(b"N."),
        b"PK\x05\x06" + bytes(18),
    ],
    ids=["marks", "in itself", "4 GB of text", "memo", "leads out", "leads to the root", "nothing", "empty archive"],
)
def test_what_only_looks_like_a_checkpoint_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(content)
    refusal(tmp_path / "w.pth")
    assert [path.name for path in tmp_path.iterdir()] == ["w.pth"]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"N0" * 10_000_000)
    assert "20,000,000 bytes packed into fewer" in refusal(tmp_path / "w.pth")


def forged(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack("<Q", len(header) if length is None else length) + header + data


@pytest.mark.parametrize("length", [1 << 60, (1 << 64) - 1, 100_000_001, 3])
def test_a_header_that_is_not_as_long_as_it_says_is_refused(length: int, tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(forged(b"{}", length=length))
    refusal(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    "change",
    [
        {"data_offsets": [0, 4]},
        {"data_offsets": [1 << 60, (1 << 60) + 37632]},
        {"data_offsets": [37632, 0]},
        {"data_offsets": [-4, 0]},
        {"shape": [1 << 62]},
        {"shape": [-64, 3, 7, 7]},
        {"shape": [1 << 32, 1 << 32]},
        {"dtype": "I32"},
        {"dtype": "F64"},
        {"dtype": "X"},
    ],
    ids=str,
)
def test_tensors_that_lie_elsewhere_or_are_something_else_are_refused(
    change: dict[str, Any], sound: tuple[State, bytes], tmp_path: Path
) -> None:
    header, data = sound
    other = {**header, FIRST: {**header[FIRST], **change}}
    (tmp_path / "w.safetensors").write_bytes(forged(json.dumps(other).encode(), data))
    refusal(tmp_path / "w.safetensors")


def test_tensors_that_share_their_bytes_are_refused(sound: tuple[State, bytes], tmp_path: Path) -> None:
    header, data = sound
    first, second = [name for name, one in header.items() if one.get("shape") == [64]][:2]
    other = {**header, second: {**header[second], "data_offsets": header[first]["data_offsets"]}}
    (tmp_path / "w.safetensors").write_bytes(forged(json.dumps(other).encode(), data))
    refusal(tmp_path / "w.safetensors")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused(value: float, weights: State, tmp_path: Path) -> None:
    spoilt = weights[FIRST].copy()
    spoilt.flat[-1] = value
    checkpoint.write({**weights, FIRST: spoilt}, tmp_path / "w.safetensors")
    assert f"{FIRST} holds values that are no finite numbers" in refusal(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.to(torch.complex64),
        lambda value: value.to(torch.int64),
        lambda value: value.to(torch.bool),
        lambda value: value.to_sparse(),
        lambda value: torch.empty(value.shape, device="meta"),
    ],
    ids=["complex", "integers", "yes or no", "sparse", "without values"],
)
def test_other_kinds_of_tensors_are_not_made_into_numbers(
    change: Callable[[torch.Tensor], torch.Tensor], weights: State, tmp_path: Path
) -> None:
    state = {name: torch.from_numpy(value) for name, value in weights.items()}
    torch.save({**state, FIRST: change(state[FIRST])}, tmp_path / "w.pth")
    refusal(tmp_path / "w.pth")
