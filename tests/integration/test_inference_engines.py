"""Every engine in every precision on the same weights and vectors, each as its own process sees them."""

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
import torch
from numpy.typing import NDArray
from PIL import Image

from resnet_bench.inference import engines
from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.coldstart import Start
from resnet_bench.inference.exports.reference import torchvision_network
from resnet_bench.inference.facts import facts
from resnet_bench.inference.images import decode, preprocess
from resnet_bench.inference.model import Model
from resnet_bench.inference.ranking import rank
from resnet_bench.processor import cpu_flags
from variants import runnable

PHOTOGRAPHS = sorted(
    file for file in (Path(__file__).parents[2] / "images").iterdir() if file.suffix in {".jpg", ".png"}
)
HEAVY = {"torch", "torchvision", "onnx", "onnxruntime", "openvino"}
Logits = NDArray[np.float32]
# Of the logits' spread, on photographs. float32: the sums are the same, in another order. bfloat16 keeps 8 bits of 24,
# int8 counts 256 steps over what the calibration saw; both lose anew in each of 53 layers. Twice what was measured.
ERROR_LIMITS = {"float32": 1e-4, "bfloat16": 0.08, "int8": 0.4}
# Without them OpenVINO adds two products of bytes in sixteen bits, which have no room for the largest (AVX2's
# vpmaddubsw): 0.49 was measured.
VNNI = {"avx512_vnni", "avx_vnni", "amx_int8"}
SATURATED_LIMIT = 1.0


def gradient(turn: int) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").rotate(turn).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def photographs() -> list[NDArray[np.float32]]:
    return [preprocess(decode(file.read_bytes()).image) for file in PHOTOGRAPHS]


@pytest.fixture(scope="module")
def seeded() -> list[NDArray[np.float32]]:
    """Not those that the exports were checked with."""
    random = np.random.default_rng(50)
    return [
        (random.standard_normal((1, 3, 224, 224)) * contrast).astype(np.float32) for contrast in (0.0, 0.4, 1.0, 3.0)
    ]


@pytest.fixture(scope="module")
def vectors(photographs: list[NDArray[np.float32]], seeded: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    return [*photographs, *seeded]


@pytest.fixture(scope="module")
def expected(model: Model, vectors: list[NDArray[np.float32]]) -> list[Logits]:
    """torchvision's own network's answers."""
    network = torchvision_network(model.path("weights.safetensors"))
    with torch.inference_mode():
        return [network(torch.from_numpy(batch)).numpy() for batch in vectors]


def top5(logits: Logits) -> list[int]:
    order: list[int] = np.argsort(-logits[0], kind="stable")[:5].tolist()
    return order


def error(expected: Logits, found: Logits) -> float:
    """Root mean square, of the expected logits' standard deviation."""
    return float(np.sqrt(np.mean((found - expected) ** 2)) / expected.std())


@pytest.mark.parametrize("name", [name for name in engines.NAMES if engines.registered(name).is_exact])
def test_an_engine_in_full_precision_answers_as_torchvisions_network(
    name: str, model: Model, vectors: list[NDArray[np.float32]], expected: list[Logits]
) -> None:
    engine = engines.load(runnable(name).name, model, threads=1)
    assert engine.precision == "float32"
    for batch, known in zip(vectors, expected, strict=True):
        found = engine.run(batch)
        assert (found.shape, found.dtype) == ((1, 1000), np.float32)
        assert np.abs(known - found).max() < 1e-4 * max(1.0, float(np.abs(batch).max()) / 5)
        assert top5(found) == top5(known)


@pytest.mark.parametrize("name", [name for name in engines.NAMES if not engines.registered(name).is_exact])
def test_a_lower_precision_is_close_and_is_really_computed_in(
    name: str, int8_model: Model, photographs: list[NDArray[np.float32]], expected: list[Logits]
) -> None:
    engine = engines.load(runnable(name).name, int8_model, threads=1)
    errors = [error(known, engine.run(batch)) for batch, known in zip(photographs, expected, strict=False)]
    saturates = name == "openvino-int8" and not VNNI & cpu_flags()
    assert max(errors) < (SATURATED_LIMIT if saturates else ERROR_LIMITS[engine.precision])
    assert min(errors) > 10 * ERROR_LIMITS["float32"]


@pytest.mark.parametrize("name", engines.NAMES)
def test_an_engine_gives_the_same_bits_each_time_and_leaves_earlier_answers_alone(
    name: str, int8_model: Model, photographs: list[NDArray[np.float32]]
) -> None:
    engine = engines.load(runnable(name).name, int8_model, threads=1)
    first = engine.run(photographs[0])
    kept = first.copy()
    engine.run(photographs[1])
    assert np.array_equal(first, kept), "its memory was used again"
    assert np.array_equal(engine.run(photographs[0]), kept)


def test_untrained_weights_tell_photographs_apart(
    photographs: list[NDArray[np.float32]], expected: list[Logits]
) -> None:
    winners = {int(logits.argmax()) for logits in expected[: len(photographs)]}
    assert len(winners) > len(photographs) / 2


def test_untrained_answers_are_neither_flat_nor_certain(model: Model) -> None:
    engine = engines.load("onnx", model, threads=1)
    names = load_classifier("onnx", model, 1).names
    for photograph in PHOTOGRAPHS:
        best = rank(engine.run(preprocess(decode(photograph.read_bytes()).image))[0], names, 5)
        assert 0.003 < best[0].probability < 0.99
        assert len({each.probability for each in best}) == 5


@pytest.mark.parametrize(
    ("file", "libraries"),
    [("resnet50.onnx", {"torch", "onnxruntime"}), ("resnet50.folded.safetensors", {"torch"})],
)
def test_the_exports_were_checked_against_torchvision(file: str, libraries: set[str], model: Model) -> None:
    check = model.manifest.checks[file]
    assert check.same_top5
    assert 0 < check.max_logit_difference <= 1e-4
    assert check.inputs_count >= 3
    assert {*check.versions} == libraries


@pytest.mark.parametrize("engine", engines.NAMES)
def test_a_loaded_classifier_measures_its_start_and_knows_what_runs(engine: str, int8_model: Model) -> None:
    variant = runnable(engine)
    classifier = load_classifier(engine, int8_model, threads=2, start=Start(0.125, time.perf_counter() - 50))
    classifier.classify(gradient(30))
    cold = classifier.cold
    assert cold is not None
    assert cold.interpreter_s == 0.125
    assert cold.engine_s > 0
    assert cold.imports_s >= 50, "the caller's own imports count"
    assert (cold.weights_s is None) == (engine != "torch")
    assert cold.first_inference_s is not None
    known = facts(classifier, int8_model)
    precision = {"fp32": "float32", "bf16": "bfloat16", "int8": "int8"}[variant.precision]
    assert (known.engine, known.precision, known.threads_count) == (engine, precision, 2)
    assert known.vcpus_count == len(os.sched_getaffinity(0))
    assert (known.weights, known.trained, known.decode) == ("random", False, "exact")
    assert {"numpy", "pillow"} < set(known.versions)
    assert [one.subject for one in known.agreements] == (["onnx-int8"] if engine == "onnx-int8" else [])


@pytest.mark.parametrize("engine", engines.NAMES)
def test_an_engine_imports_its_own_library_alone_and_prints_nothing(engine: str, int8_model: Model) -> None:
    own = {library.partition(".")[0] for library in runnable(engine).libraries} & HEAVY
    code = f"""
import sys
from resnet_bench.inference import images
from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.model import Model
classifier = load_classifier({engine!r}, Model.open({str(int8_model.folder)!r}), 1)
classifier.classify(images.load({str(PHOTOGRAPHS[0])!r}))
found = {HEAVY!r} & set(sys.modules)
sys.exit(f"it imported {{found}}" if found != {own!r} else 0)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_two_processes_may_prepare_the_same_model_at_once(tmp_path: Path) -> None:
    code = (
        "from resnet_bench.inference.model import prepare\n"
        "steps = []\n"
        "class P:\n"
        "    def step(self, text, fraction=None): steps.append(text)\n"
        "made = prepare('random', [], P()).path('weights.safetensors').stat().st_ino\n"
        "print(made, sum(text.startswith('preparing') for text in steps))"
    )
    environment = {**os.environ, "RESNET_BENCH_CACHE": str(tmp_path)}

    def run(_: int) -> list[str]:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.split()

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(run, range(2))
    assert first[0] == second[0], "one of them made the file and the other found it"
    assert sorted((first[1], second[1])) == ["0", "1"]


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
