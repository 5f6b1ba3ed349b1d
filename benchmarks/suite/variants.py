"""Engine variants as far as they can be had here; a reason for each that cannot."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.inference.engines import registered
from resnet_bench.inference.model import Model, Samples, prepare
from resnet_bench.progress import Progress
from resnet_bench.results.records import Agreement, Decode, Skipped
from suite.photos import IMAGES


def prepared(names: Sequence[str], progress: Progress, decode: Decode = "exact") -> tuple[Model, dict[str, Skipped]]:
    """Random weights, ready for those of ``names`` that can be had, and why the others cannot.

    Raises:
        EngineError: one that can be had was not exported, or does not answer as the network does.
        SetupError: the model's folder cannot be written.
    """
    obstacles = {name: registered(name).obstacle() for name in names}
    samples = Samples(tuple(str(path) for path in sorted(IMAGES.glob("*.[jp][pn]g"))))
    usable = [name for name, obstacle in obstacles.items() if obstacle is None]
    model = prepare("random", usable, progress, samples=samples, decode=decode)
    return model, {name: Skipped(obstacle.message) for name, obstacle in obstacles.items() if obstacle is not None}


def agreements(model: Model, names: Sequence[str], decode: Decode = "exact") -> list[Agreement]:
    """How those of ``names`` that are not exact, and the way of decoding, answer beside what is exact."""
    return list(dict.fromkeys(one for name in names for one in model.agreements(name, decode)))
