"""Whether both sides gave the same answer: no table compares two programs that classify differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from resnet_bench.benchmark.reduced import FULL
from resnet_bench.benchmark.series import samples_of
from resnet_bench.results.once import once
from resnet_bench.results.records import Answer, Phase, Prediction, Sample
from resnet_bench.results.run import Run

# Absolute, on probabilities. The same graph on different CPUs sums in another order; 1e-4 is far above that and
# far below what would change a printed percentage.
TOLERANCE = 1e-4
# The same of a precision that rounds to 256 levels (int8) or to 8 significant bits (bf16): another order of summing may
# round the other way, in any of fifty layers. A pair must be of one variant all the same.
REDUCED_TOLERANCE = 1e-2


@dataclass(frozen=True)
class Mismatch:
    """One pair whose two answers differ, and in what."""

    engine: str
    phase: Phase
    pair: int
    image: str
    reason: str


@once
def agreement(run: Run) -> tuple[Mismatch, ...]:
    """The plain pairs that disagree, in the order measured; pairs with a failed or missing side are not judged.

    Two answers agree if they list as many classes, each class has the same probability on both sides, within
    ``tolerance``, and so has each rank. Classes whose probabilities lie that close may swap places, also out of the
    list.
    """
    return tuple(_mismatches(run))


def tolerance(*answers: Answer) -> float:
    """By how much the probabilities of a class may differ between these."""
    exact = all(answer.runtime.precision == FULL for answer in answers)
    return TOLERANCE if exact else REDUCED_TOLERANCE


def _mismatches(run: Run) -> Iterator[Mismatch]:
    waiting: dict[tuple[str, str, int], Sample] = {}
    # In a session of the page a number is used once, and one side may have been cold where the other was warm.
    session = run.settings.command == "serve"
    for sample in samples_of(run):
        key = (sample.engine, "" if session else sample.phase, sample.pair)
        other = waiting.get(key)
        if other is None or other.side == sample.side:
            waiting[key] = sample
        elif isinstance(sample.outcome, Answer) and isinstance(other.outcome, Answer):
            local, remote = (
                (other.outcome, sample.outcome) if sample.side == "remote" else (sample.outcome, other.outcome)
            )
            reason = difference(local.predictions, remote.predictions, tolerance(local, remote))
            if other.image != sample.image:
                reason = f"different images: {other.image} and {sample.image}"
            if reason:
                yield Mismatch(sample.engine, sample.phase, sample.pair, sample.image, reason)


def difference(local: tuple[Prediction, ...], remote: tuple[Prediction, ...], within: float = TOLERANCE) -> str:
    """In what two lists of predictions differ, in words; empty if they agree."""
    if local == remote:
        return ""
    if len(local) != len(remote):
        return f"{len(local)} predictions locally, {len(remote)} remotely"
    for here, there in zip(local, remote, strict=True):
        if abs(here.probability - there.probability) > within:
            return f"{here.name} {here.probability:.5f} locally, {there.name} {there.probability:.5f} remotely"
    return _missing(local, remote, within, "locally") or _missing(remote, local, within, "remotely")


def _missing(these: tuple[Prediction, ...], those: tuple[Prediction, ...], within: float, where: str) -> str:
    """A class of ``these`` that has another probability in ``those``, or is absent and no tie with the last."""
    other = {prediction.index: prediction.probability for prediction in those}
    for prediction in these:
        # A class outside the other list has at most the probability of its last one there.
        elsewhere = other.get(prediction.index, min(prediction.probability, those[-1].probability))
        if abs(prediction.probability - elsewhere) > within:
            return (
                f"{prediction.name} has {prediction.probability:.5f} {where}, {elsewhere:.5f} or less on the other side"
            )
    return ""
