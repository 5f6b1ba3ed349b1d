"""A cold start taken apart: which of its parts each call's own records tell, on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import fsum

from resnet_bench.benchmark.series import MEASURES, TOTAL
from resnet_bench.results.records import Answer, ClientTimes, Sample

Read = Callable[[Sample, Answer], float | None]


def _part(field: str) -> Read:
    def read(_sample: Sample, answer: Answer) -> float | None:
        value: float | None = None if answer.cold is None else getattr(answer.cold, field)
        return value

    return read


def _other_stages(_sample: Sample, answer: Answer) -> float | None:
    """The first call's stages beside inference, and what lies between them."""
    return None if answer.cold is None else answer.stages.total_s - (answer.cold.first_inference_s or 0.0)


def _around(sample: Sample, answer: Answer) -> float | None:
    """What the client waited for beside start-up and stages; a start-up part that is not known is in it."""
    whole = to_first_answer(sample, answer)
    return None if sample.side == "local" or whole is None else whole - fsum(_known(sample, answer))


def _known(sample: Sample, answer: Answer) -> Iterator[float]:
    return (part for read in WITHIN.values() if (part := read(sample, answer)) is not None)


# What one process's own clock tells, in the order in which it happens.
WITHIN: dict[str, Read] = {
    "interpreter": _part("interpreter_s"),
    "imports": _part("imports_s"),
    "weights": _part("weights_s"),
    "engine": _part("engine_s"),
    "first inference": _part("first_inference_s"),
    "other stages": _other_stages,
}
# Of each call these add up to the time to its first answer.
PARTS: dict[str, Read] = {**WITHIN, "HTTP, gateway and the rest": _around}


def to_first_answer(sample: Sample, answer: Answer) -> float | None:
    """From start to first answer, in seconds: of the process here, of the forced cold call as the client saw it there.

    ``None`` where a part of the local start is not known: the rest would pass for the whole.
    """
    if sample.side == "remote":
        return sample.client.total_s if isinstance(sample.client, ClientTimes) else None
    if answer.cold is None or answer.cold.interpreter_s is None:
        return None
    return fsum(_known(sample, answer))


def waited(sample: Sample) -> float | None:
    """What the caller waited for the answer, in seconds: of a cold call the start too. ``None`` without an answer."""
    answer = sample.outcome
    if not isinstance(answer, Answer):
        return None
    return to_first_answer(sample, answer) if answer.identity.cold_start else MEASURES[TOTAL](sample, answer)
