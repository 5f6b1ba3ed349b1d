"""The local side for real: worker processes with an engine in them, stopped, killed and starved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_bench.errors import EngineError, ImageError, OutOfMemory, SandboxError
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Skipped
from resnet_bench.runners.base import Photo
from resnet_bench.runners.local import LocalRunner
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits import choose
from resnet_bench.sandbox.session import is_running, members, process_state
from resnet_bench.sandbox.throttler import process_cpu_s
from resnet_bench.units import MIB
from sandboxes import wait_until

IMAGES = Path(__file__).parents[2] / "images"
PHOTO = Photo("chelsea.png", str(IMAGES / "chelsea.png"))


@pytest.fixture
def runner(model: Model) -> Iterator[LocalRunner]:
    made = LocalRunner("onnx", model, 1, choose("auto")[0], top=3)
    yield made
    made.close()


def worker_pid(runner: LocalRunner) -> int:
    pid = runner._worker.pid
    assert pid is not None
    return pid


def stands_still(pid: int) -> bool:
    """Stopped by signal or tracer, or its cgroup frozen: by what it does, since each mechanism shows it differently."""
    if process_state(pid) in {"T", "t"}:
        return True
    before_s = process_cpu_s(pid)
    os.kill(pid, signal.SIGCONT)  # wakes what only sleeps, and not what is frozen
    time.sleep(0.05)
    return process_cpu_s(pid) == before_s


def test_answers_are_whole_and_only_the_first_is_cold(runner: LocalRunner) -> None:
    measured = [runner.classify(PHOTO) for _ in range(3)]
    answers = [each.answer for each in measured]

    assert [answer.identity.cold_start for answer in answers] == [True, False, False]
    assert [answer.cold is not None for answer in answers] == [True, False, False]
    assert [answer.identity.invocation_count for answer in answers] == [1, 2, 3]
    assert len({answer.identity.environment_id for answer in answers}) == 1
    assert [answer.predictions for answer in answers] == [answers[0].predictions] * 3
    assert len(answers[0].predictions) == 3
    assert all(answer.original_size == (451, 300) for answer in answers)
    for answer in answers:
        stages = answer.stages
        assert stages.read_s is not None
        parts = (stages.read_s, stages.decode_s, stages.preprocess_s, stages.inference_s, stages.postprocess_s)
        assert 0 < sum(parts) <= stages.total_s
        assert (stages.json_parse_s, stages.base64_decode_s) == (None, None)
        assert answer.memory.baseline_rss_bytes < answer.memory.rss_bytes <= answer.memory.peak_rss_bytes
        assert answer.memory.limit_bytes is None
        assert answer.runtime.engine == "onnx"
        assert answer.runtime.threads_count == 1
    assert isinstance(measured[0].client, Skipped)

    # The worker takes no CPU time while nobody measures it.
    assert stands_still(worker_pid(runner))

    # A forced cold start is another environment, with its own first call; the old one is gone.
    old = worker_pid(runner)
    runner.force_cold()
    assert not members(old)
    fresh = runner.classify(PHOTO).answer
    assert fresh.identity.cold_start
    assert fresh.cold is not None
    assert fresh.identity.environment_id != answers[0].identity.environment_id

    last = worker_pid(runner)
    runner.close()
    runner.close()
    assert not members(last)


def test_a_worker_in_int8_with_the_fast_decoding_says_how_it_agrees(int8_model: Model) -> None:
    quick = LocalRunner("onnx-int8", int8_model, 1, choose("auto")[0], decode="fast")
    runtime = quick.classify(PHOTO).answer.runtime
    quick.close()
    assert (runtime.engine, runtime.precision, runtime.decode) == ("onnx-int8", "int8", "fast")
    assert runtime.agreements == int8_model.agreements("onnx-int8", "fast") != ()


def test_an_image_that_vanishes_between_calls_is_named_and_the_worker_lives_on(
    runner: LocalRunner, tmp_path: Path
) -> None:
    photo = Photo("gone.png", str(tmp_path / "gone.png"))
    Path(photo.path).write_bytes(Path(PHOTO.path).read_bytes())
    runner.classify(photo)
    Path(photo.path).unlink()
    with pytest.raises(ImageError, match=r"no such image: .*gone\.png") as caught:
        runner.classify(photo)
    assert caught.value.code == "not_found"
    assert caught.value.hint
    Path(photo.path).write_bytes(b"\xff\xd8\xff and then nothing")
    with pytest.raises(ImageError, match="damaged") as caught:
        runner.classify(photo)
    assert caught.value.code == "corrupt_image"
    answer = runner.classify(PHOTO).answer
    assert not answer.identity.cold_start


def test_a_worker_killed_from_outside_is_an_error_that_says_so_and_the_next_call_starts_another(
    runner: LocalRunner,
) -> None:
    first = runner.classify(PHOTO).answer
    killed = worker_pid(runner)
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(SandboxError, match=r"the local onnx process ended: signal: killed") as caught:
        runner.classify(PHOTO)
    assert not isinstance(caught.value, OutOfMemory)
    assert caught.value.hint
    assert not members(killed)
    again = runner.classify(PHOTO).answer
    assert again.identity.cold_start
    assert again.predictions == first.predictions


def test_a_worker_that_cannot_load_its_engine_says_why_each_time(model: Model, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((model.folder / "manifest.json").read_bytes())
    broken = LocalRunner("onnx", Model.open(tmp_path), 1, choose("none")[0])
    for _ in range(2):
        with pytest.raises(EngineError, match=r"has no resnet50\.optimised\.onnx"):
            broken.classify(PHOTO)
    broken.close()


def test_what_libraries_print_cannot_get_between_the_answers(
    runner: LocalRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, os\n"
        "class Chatty:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in {'onnxruntime', 'PIL.PngImagePlugin'}:\n"
        "            print('hello from', name, flush=True); os.write(1, b'{\"kind\": \"answer\"}\\n')\n"
        "sys.meta_path.insert(0, Chatty())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answers = [runner.classify(PHOTO).answer for _ in range(2)]
    assert [answer.identity.invocation_count for answer in answers] == [1, 2]
    stderr = runner._worker._stderr
    assert stderr is not None
    stderr.seek(0)
    assert b"hello from onnxruntime" in stderr.read(), "or nothing was printed, and nothing was tested"


@pytest.mark.parametrize("limiter", ["auto", "throttle"])
def test_the_equalised_mode_holds_the_worker_to_lambdas_share(model: Model, limiter: str) -> None:
    """Its CPU time over its wall time is measured, so that other work on the machine can only lower it."""
    allowance = Allowance(512)  # 0.289 of a CPU
    held = LocalRunner("onnx", model, 2, choose(limiter)[0], allowance=allowance)
    try:
        first = held.classify(PHOTO).answer
        pid = worker_pid(held)
        before_s, started_s = process_cpu_s(pid), time.monotonic()
        for _ in range(4):
            held.classify(PHOTO)
        used = (process_cpu_s(pid) - before_s) / (time.monotonic() - started_s)
    finally:
        held.close()
    assert used < 1.25 * allowance.cpu.share
    assert first.memory.limit_bytes == 512 * MIB
    assert first.memory.utilisation == pytest.approx(first.memory.peak_rss_bytes / (512 * MIB))
    assert first.runtime.vcpus_count <= allowance.vcpus_count


def test_a_limit_far_too_small_is_out_of_memory(model: Model) -> None:
    small = LocalRunner("torch", model, 1, choose("auto")[0], allowance=Allowance(128))
    with pytest.raises(OutOfMemory, match="killed at its limit of 128 MB") as caught:
        small.classify(PHOTO)
    assert "--memory" in caught.value.hint
    small.close()


def test_no_worker_outlives_a_parent_that_was_killed(model: Model) -> None:
    code = f"""
import sys, time
from resnet_bench.inference.model import Model
from resnet_bench.runners.base import Photo
from resnet_bench.runners.local import LocalRunner
from resnet_bench.sandbox.limits import choose
runner = LocalRunner("onnx", Model.open({str(model.folder)!r}), 1, choose("auto")[0])
runner.classify(Photo("chelsea.png", {PHOTO.path!r}))
print(runner._worker.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert process_state(pid)
        parent.kill()
    wait_until(lambda: not is_running(pid), "the worker to end")


def test_files_of_the_current_folder_shadow_no_library(
    runner: LocalRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise RuntimeError('the wrong numpy')\n")
    monkeypatch.chdir(tmp_path)
    assert runner.classify(PHOTO).answer.predictions
