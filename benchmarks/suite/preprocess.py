"""From a large JPEG to the network's input: the exact way and the fast one against torchvision's transforms."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from resnet_bench.inference.images import RESIZE
from resnet_bench.inference.pipelines import Pipeline, pipeline
from resnet_bench.progress import SILENT, Progress
from suite.figures import Check, Finding, Goal, Series, compared
from suite.photos import twelve_megapixels
from suite.turns import Turns, timed

REFERENCE, EXACT, FAST = "torchvision", "exact", "fast"
GOALS = {EXACT: Goal(0.82), FAST: Goal(0.18)}


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    from torchvision.models import ResNet50_Weights

    photo = twelve_megapixels()
    transforms = ResNet50_Weights.IMAGENET1K_V1.transforms()

    def reference() -> np.ndarray:
        batch: np.ndarray = transforms(Image.open(io.BytesIO(photo)).convert("RGB")).unsqueeze(0).numpy()
        return batch

    def ours(steps: Pipeline) -> np.ndarray:
        return steps.preprocess(steps.decode(photo).image)

    exact, fast = (pipeline(decode, RESIZE) for decode in (EXACT, FAST))
    ways = {REFERENCE: reference, EXACT: lambda: ours(exact), FAST: lambda: ours(fast)}
    took = Turns("preprocessing", rounds, progress).take({name: timed(way) for name, way in ways.items()}, warmup=2)
    rows = [
        compared(f"12-megapixel JPEG, {name}", Series(name, took[name]), Series(REFERENCE, took[REFERENCE]), goal)
        for name, goal in GOALS.items()
    ]
    return [*rows, same_bits(ours(exact), reference())]


def same_bits(ours: np.ndarray, reference: np.ndarray) -> Check:
    """Exact is exact to the last bit."""
    different = int((ours != reference).sum()) if ours.shape == reference.shape else ours.size
    return Check(
        what="the exact way gives torchvision's batch, bit for bit",
        holds=different == 0 and ours.dtype == reference.dtype,
        found=f"{different} of {reference.size} numbers differ",
    )
