"""Engine variants as far as they can be had here; a reason for each that cannot."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.errors import EngineError, UsageError
from resnet_bench.inference.model import Model, Samples, prepare
from resnet_bench.progress import Progress
from resnet_bench.results.records import Agreement, Decode, Skipped
from suite.photos import IMAGES

WEIGHTS = "random"


def prepared(names: Sequence[str], progress: Progress, decode: Decode = "exact") -> tuple[Model, dict[str, Skipped]]:
    """Random weights, ready for those of ``names`` that can be had, and why the others cannot.

    Raises:
        SetupError, WeightsError: no weights can be had at all.
    """
    samples = Samples(tuple(str(path) for path in sorted(IMAGES.glob("*.[jp][pn]g"))))
    missing: dict[str, Skipped] = {}
    model = prepare(WEIGHTS, [], progress, samples=samples, decode=decode)
    for name in names:
        try:
            model = prepare(WEIGHTS, [name], progress, samples=samples, decode=decode)
        except (EngineError, UsageError) as error:
            missing[name] = Skipped(error.message)
    return model, missing


def agreements(model: Model, names: Sequence[str], decode: Decode = "exact") -> list[Agreement]:
    """How those of ``names`` that are not exact, and the way of decoding, answer beside what is exact."""
    return list(dict.fromkeys(one for name in names for one in model.agreements(name, decode)))
