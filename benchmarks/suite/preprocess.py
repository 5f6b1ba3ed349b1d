"""From a large JPEG to the network's input: the exact way and the fast one against torchvision's transforms."""

from __future__ import annotations

import io
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from resnet_bench.inference.pipelines import pipeline
from resnet_bench.progress import SILENT, Progress
from suite.figures import Check, Finding, Goal, Series, compared
from suite.photos import twelve_megapixels
from suite.turns import Turns
from suite.variants import agreements, prepared
from suite.worker import Kind, Work
from suite.workers import worker

REFERENCE: Kind = "torchvision"
GOALS: dict[Kind, Goal] = {"exact": Goal(0.82), "fast": Goal(0.18)}


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    model, _ = prepared(["onnx"], progress, "fast")
    photo, threads = twelve_megapixels(), len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "photo.jpg"
        file.write_bytes(photo)
        calls = {kind: worker(stack, Work(kind, threads, str(model.folder), str(file))) for kind in (REFERENCE, *GOALS)}
        took = Turns("preprocessing", rounds, progress).take(calls, warmup=1)
    rows = [
        compared(f"12-megapixel JPEG, {kind}", Series(kind, took[kind]), Series(REFERENCE, took[REFERENCE]), goal)
        for kind, goal in GOALS.items()
    ]
    # Torch must not stay in the process in which other groups measure.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        check = apart.submit(same_bits, photo, model.manifest.resize).result()
    return [*rows, check, *agreements(model, ["onnx"], "fast")]


def reference(photo: bytes) -> np.ndarray:
    """The batch that torchvision's own preset for these weights makes."""
    from torchvision.models import ResNet50_Weights

    transforms = ResNet50_Weights.IMAGENET1K_V1.transforms()
    batch: np.ndarray = transforms(Image.open(io.BytesIO(photo)).convert("RGB")).unsqueeze(0).numpy()
    return batch


def same_bits(photo: bytes, resize: int) -> Check:
    """Exact is exact to the last bit."""
    exact, wanted = pipeline("exact", resize), reference(photo)
    ours = exact.preprocess(exact.decode(photo))
    different = int((ours != wanted).sum()) if ours.shape == wanted.shape else ours.size
    return Check(
        what="the exact way gives torchvision's batch, bit for bit",
        holds=different == 0 and ours.dtype == wanted.dtype,
        found=f"{different} of {wanted.size} numbers differ",
    )
