"""Both engines on the same weights and real photographs, each as its own process sees them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_bench.inference import engines
from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.coldstart import Start
from resnet_bench.inference.facts import facts
from resnet_bench.inference.images import decode, preprocess
from resnet_bench.inference.model import Model
from resnet_bench.inference.ranking import rank

PHOTOGRAPHS = sorted(
    file for file in (Path(__file__).parents[2] / "images").iterdir() if file.suffix in {".jpg", ".png"}
)


def gradient(turn: int) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").rotate(turn).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def test_the_engines_agree_on_every_photograph(model: Model) -> None:
    torch, onnx = (engines.load(name, model, threads=1) for name in ("torch", "onnx"))
    winners = set()
    for photograph in PHOTOGRAPHS:
        batch = preprocess(decode(photograph.read_bytes()).image)
        expected, found = torch.run(batch), onnx.run(batch)
        assert expected.shape == found.shape == (1, 1000)
        assert expected.dtype == found.dtype == np.float32
        assert np.abs(expected - found).max() < 1e-4
        order = [np.argsort(-logits[0], kind="stable")[:5].tolist() for logits in (expected, found)]
        assert order[0] == order[1]
        winners.add(order[0][0])
    assert len(winners) > len(PHOTOGRAPHS) / 2, "even untrained weights must tell photographs apart"


def test_untrained_answers_are_neither_flat_nor_certain(model: Model) -> None:
    engine = engines.load("onnx", model, threads=1)
    names = load_classifier("onnx", model, 1).names
    for photograph in PHOTOGRAPHS:
        best = rank(engine.run(preprocess(decode(photograph.read_bytes()).image))[0], names, 5)
        assert 0.003 < best[0].probability < 0.99
        assert len({each.probability for each in best}) == 5


def test_the_export_was_checked_against_torch(model: Model) -> None:
    check = model.manifest.checks["resnet50.onnx"]
    assert check.same_top5
    assert 0 <= check.max_logit_difference <= 1e-4
    assert check.inputs_count >= 3
    assert set(check.versions) == {"torch", "onnxruntime"}


@pytest.mark.parametrize("engine", engines.NAMES)
def test_a_loaded_classifier_measures_its_start_and_knows_what_runs(engine: str, model: Model) -> None:
    classifier = load_classifier(engine, model, threads=2, start=Start(0.125, time.perf_counter() - 50))
    classifier.classify(gradient(30))
    cold = classifier.cold
    assert cold is not None
    assert cold.interpreter_s == 0.125
    assert cold.engine_s > 0
    assert cold.imports_s >= 50, "the caller's own imports count"
    assert (cold.weights_s is None) == (engine == "onnx")
    assert cold.first_inference_s is not None
    known = facts(classifier, model)
    assert (known.engine, known.precision, known.threads_count) == (engine, "float32", 2)
    assert known.vcpus_count == len(os.sched_getaffinity(0))
    assert (known.weights, known.trained) == ("random", False)
    assert {"numpy", "pillow"} < set(known.versions)


@pytest.mark.parametrize(("engine", "torch_loaded"), [("onnx", False), ("torch", True)])
def test_only_the_torch_engine_imports_torch_and_neither_prints(engine: str, torch_loaded: bool, model: Model) -> None:
    code = f"""
import sys
from resnet_bench.inference import images
from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.model import Model
classifier = load_classifier({engine!r}, Model.open({str(model.folder)!r}), 1)
classifier.classify(images.load({str(PHOTOGRAPHS[0])!r}))
sys.exit(40 + ("torch" in sys.modules))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (40 + torch_loaded, "", "")


def test_two_processes_may_prepare_the_same_model_at_once(tmp_path: Path) -> None:
    code = (
        "from resnet_bench.inference.model import prepare\n"
        "steps = []\n"
        "class P:\n"
        "    def step(self, text, fraction=None): steps.append(text)\n"
        "print(len(steps), prepare('random', ['torch'], P()).path('weights.safetensors').stat().st_ino, len(steps))"
    )
    environment = {**os.environ, "RESNET_BENCH_CACHE": str(tmp_path)}

    def run(_: int) -> list[str]:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.split()

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(run, range(2))
    assert first[1] == second[1], "one of them made the file and the other found it"
    assert sorted((first[2], second[2])) == ["0", "1"]


def test_onnx_runtime_reports_to_nobody_and_leaves_no_file(model: Model, tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.model import Model
load_classifier("onnx", Model.open(Path({str(model.folder)!r})), 1)
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
