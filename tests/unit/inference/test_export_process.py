"""The exports' child process: what it says, and what is made of it when it dies."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from disks import full_disk
from resnet_bench.errors import EngineError, SetupError
from resnet_bench.inference.exports import process
from resnet_bench.inference.exports.child import Made, Task
from resnet_bench.inference.model import Model, Samples, prepare
from resnet_bench.progress import SILENT
from resnet_bench.units import MIB

# Started in the place of Python: the child's own main with an exporter that does what the test wants.
PROGRAM = """#!{python}
import os, subprocess, sys, types
def make(model, target, samples):
    {body}
    from resnet_bench.inference.exports.child import Made
    return Made(environments={{"file": "here"}})
sys.modules["resnet_bench.inference.exports.staged"] = types.SimpleNamespace(make=make)
sys.argv = sys.argv[3:]  # -P -m MODULE
from resnet_bench.inference.exports import child
child.main()
"""


@pytest.fixture
def task(model: Model, tmp_path: Path) -> Task:
    return Task(maker="staged.make", model=str(model.folder), target=str(tmp_path))


@pytest.fixture
def staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "python"
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


def export(program: Path, task: Task, body: str) -> Made:
    # Its first line is read by the kernel, which knows no longer names than 255 bytes.
    program.write_text(PROGRAM.format(python=Path(sys.prefix, "bin", "python"), body=body))
    return process.run(task, "the export", SILENT)


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "print('{}', flush=True)",
        "os.write(1, b'noise')",
        "subprocess.run(['echo', 'a grandchild'], check=True)",
        "print('x' * 200_000, file=sys.stderr)",
        "os.write(1, bytes(range(256)) * 1000)",
    ],
)
def test_whatever_an_exporter_prints_its_answer_is_read(body: str, staged: Path, task: Task) -> None:
    assert export(staged, task, body) == Made(environments={"file": "here"})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('first\\nthe last line')", "the last line"),
        ("raise MemoryError", "MemoryError"),
        ("sys.exit('no more')", "no more"),
        ("os._exit(3)", "it ended with status 3"),
        ("os.kill(os.getpid(), 15)", "it ended with status -15"),
        ("os.kill(os.getpid(), 9)", "it was killed, probably for want of memory"),
        ("os.write(2, b'\\xff\\xfe'); os._exit(1)", "\ufffd\ufffd"),
    ],
)
def test_a_child_that_fails_says_why_in_one_line(body: str, reason: str, staged: Path, task: Task) -> None:
    with pytest.raises(EngineError, match="the export failed: ") as caught:
        export(staged, task, body)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint == "run it again; another --engine may do without"


def test_a_failure_that_was_understood_keeps_its_hint(staged: Path, task: Task) -> None:
    body = "from resnet_bench.errors import EngineError; raise EngineError('it differs', 'do this')"
    with pytest.raises(EngineError, match="the export failed: it differs") as caught:
        export(staged, task, body)
    assert caught.value.hint == "do this"


def test_a_disk_that_is_full_is_told_apart_from_a_failure(staged: Path, task: Task) -> None:
    with pytest.raises(OSError, match="No space left on device") as caught:
        export(staged, task, "raise OSError(28, 'No space left on device')")
    assert caught.value.errno == 28


def test_a_child_that_cannot_be_interrupted_ends_with_the_wait_for_it(staged: Path, task: Task) -> None:
    """Ctrl-C while the child works: the first step that is shown raises, as it would in a terminal."""

    class Interrupted:
        def step(self, text: str, fraction: float | None = None) -> None:
            assert "the export: " in text
            raise KeyboardInterrupt

    staged.write_text("#!/bin/sh\ntrap '' INT\nexec sleep 1000\n")
    with pytest.raises(KeyboardInterrupt):
        process.run(task, "the export", Interrupted())


def test_a_real_export_on_a_full_disk_leaves_nothing_half_made(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights are there; the graph's, as large, do not fit. The limit is inherited by the child."""
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path))
    folder = prepare("random", []).folder
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    with full_disk(90 * MIB), pytest.raises(SetupError, match=r"cannot write to the cache .*: File too large") as e:
        prepare("random", ["onnx"])
    assert "RESNET_BENCH_CACHE" in e.value.hint
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before


def test_a_real_export_of_damaged_weights_says_why_in_one_line(model: Model, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((model.folder / "manifest.json").read_bytes())
    (tmp_path / "weights.safetensors").write_bytes(b"nonsense")
    with pytest.raises(EngineError, match="the export failed: ") as caught:
        process.run(Task(maker="onnx_export.make", model=str(tmp_path), target=str(tmp_path)), "the export", SILENT)
    assert "\n" not in caught.value.message
    assert "header" in caught.value.message


def test_a_sample_that_is_no_image_is_named_by_the_command(int8_model: Model, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_text("hello")
    samples = Samples((str(tmp_path / "a.png"), str(tmp_path / "b.png")))
    task = Task(maker="int8_export.make", model=str(int8_model.folder), target=str(tmp_path), samples=samples.paths)
    with pytest.raises(EngineError, match=r"a\.png: the image is neither JPEG nor PNG") as caught:
        process.run(task, "the export", SILENT)
    assert caught.value.hint == "convert it to JPEG or PNG first"
