"""Memory taken apart for real: fresh processes, with and without base64 around the image."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

from resnet_bench.errors import SandboxError
from resnet_bench.inference.model import Model
from resnet_bench.results.memory import MemoryStep
from resnet_bench.results.records import Skipped
from resnet_bench.runners.base import Photo
from resnet_bench.runners.memory_steps import memory_steps
from resnet_bench.sandbox.limits import choose
from resnet_bench.units import MIB
from servers import PHOTO

STEPS = ["interpreter", "libraries", "weights and engine", "request", "decoded image", "first inference"]


def measured(model: Model, photo: Photo = PHOTO, *, raw: bool = False, pairs: int = 2) -> list[MemoryStep]:
    return list(memory_steps("onnx", model, 1, photo, choose()[0], raw=raw, pairs=pairs))


def test_each_process_tells_of_every_step_and_bodies_take_turns_in_coming_first(model: Model) -> None:
    steps = measured(model)
    processes = [(key, [*group]) for key, group in groupby(steps, lambda step: (step.number, step.body))]
    assert [key for key, _ in processes] == [(0, "json"), (0, "file"), (1, "file"), (1, "json")]
    for _, told in processes:
        assert [step.name for step in told] == STEPS
        interpreter, libraries, engine, *_ = told
        assert interpreter.rss_bytes < libraries.rss_bytes < engine.rss_bytes
        # The weights are mapped: the first inference reads them.
        assert told[-1].rss_bytes > engine.rss_bytes + 70 * MIB, "the weights alone have 97.5 MB"
        assert all((step.engine, step.image) == ("onnx", PHOTO.name) for step in told)


def test_a_raw_body_takes_the_place_of_json(model: Model) -> None:
    assert {step.body for step in measured(model, raw=True, pairs=1)} == {"raw", "file"}


def test_a_process_that_cannot_read_its_image_is_an_error(model: Model, tmp_path: Path) -> None:
    photo = Photo("cat.jpg", str(tmp_path / "cat.jpg"))
    Path(photo.path).write_bytes(b"no image")
    with pytest.raises(SandboxError, match="the onnx memory process ended: exit status 1"):
        measured(model, photo, pairs=1)


def metered(refused: bool) -> list[dict[str, int | None]]:
    """What a meter tells of a step that takes 64 MB and gives them back, and of one that takes nothing."""
    code = f"""
from resnet_bench.runners import memory_worker
from resnet_bench.sandbox import memory
import msgspec, pathlib
if {refused}:
    def write_bytes(*_): raise OSError
    pathlib.Path.write_bytes = write_bytes
meter = memory_worker.Meter()
meter.done("before")
block = bytearray(64 * 1024 * 1024)
del block
meter.done("taken and given back")
meter.done("nothing")
print(msgspec.json.encode(meter.held).decode())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told: list[dict[str, int | None]] = json.loads(done.stdout)
    return told


def test_a_step_has_its_own_high_water_mark() -> None:
    before, taken, nothing = metered(refused=False)
    if taken["peak_rss_bytes"] is None:
        pytest.skip("this kernel's high-water mark cannot be reset")
    at_rest = before["rss_bytes"]
    assert at_rest is not None
    assert taken["peak_rss_bytes"] > at_rest + 60 * MIB
    assert taken["rss_bytes"] is not None
    assert taken["rss_bytes"] < at_rest + 16 * MIB
    assert nothing["peak_rss_bytes"] is not None
    assert nothing["peak_rss_bytes"] < at_rest + 16 * MIB


def test_where_the_mark_cannot_be_reset_no_peak_is_told(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [held["peak_rss_bytes"] for held in metered(refused=True)] == [None] * 3
    told = [{"name": "interpreter", "rss_bytes": 1, "peak_rss_bytes": None}]
    monkeypatch.setattr("resnet_bench.runners.child.Child.ask", lambda *_: json.dumps(told).encode())
    assert all(isinstance(step.peak_rss_bytes, Skipped) for step in measured(model, pairs=1))
