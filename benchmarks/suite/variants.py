"""Engine variants as far as they can be had here; a reason for each that cannot."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.errors import EngineError, UsageError
from resnet_bench.inference.model import Model, prepare
from resnet_bench.progress import Progress
from resnet_bench.results.records import Skipped

WEIGHTS = "random"


def prepared(names: Sequence[str], progress: Progress) -> tuple[Model, dict[str, Skipped]]:
    """Random weights, ready for those of ``names`` that can be had, and why the others cannot.

    Raises:
        SetupError, WeightsError: no weights can be had at all.
    """
    missing: dict[str, Skipped] = {}
    model = prepare(WEIGHTS, [], progress)
    for name in names:
        try:
            model = prepare(WEIGHTS, [name], progress)
        except (EngineError, UsageError) as error:
            missing[name] = Skipped(error.message)
    return model, missing
