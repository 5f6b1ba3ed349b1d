"""What several test modules need: one model for the whole run, because exporting it takes ten seconds.

No test may fail because the machine is busy: hypothesis' own time limit for an example is off.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from handlers import IMAGES
from resnet_bench.inference.model import Model, Samples, prepare

settings.register_profile("busy-machine", deadline=None)
settings.load_profile("busy-machine")


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty cache of this run's own; the tests' subprocesses find it through the environment."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESNET_BENCH_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def model(model_cache: Path) -> Model:
    """Random weights, ready for every engine in full precision; OpenVINO loads ONNX Runtime's graph."""
    return prepare("random", ["torch", "onnx"])


@pytest.fixture(scope="session")
def samples() -> tuple[str, ...]:
    """Three images to calibrate on, and a large JPEG held out."""
    return tuple(str(IMAGES / name) for name in ("chelsea.png", "coffee.png", "rocket.jpg", "spaniels.jpg"))


@pytest.fixture(scope="session")
def int8_model(model: Model, samples: tuple[str, ...]) -> Model:
    """The same, also in int8, with what int8 on ONNX Runtime and the fast decoding change."""
    return prepare("random", ["torch", "onnx", "onnx-int8"], samples=Samples(samples), decode="fast")
