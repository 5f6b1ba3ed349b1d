"""What of a run does not answer exactly as the network does: a precision below float32, and fast decoding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from resnet_bench.results.records import FAST_DECODE, Agreement, Answer, RuntimeFacts, Sample

FULL = "float32"


@dataclass(frozen=True)
class Reduced:
    """``subject`` is a variant of an engine or ``FAST_DECODE``; ``agreement`` is ``None`` where no answer tells it."""

    subject: str
    agreement: Agreement | None


def reduced(samples: Iterable[Sample]) -> tuple[Reduced, ...]:
    """Each once, by name, decoding last; twice where the two sides were calibrated on different images."""
    facts = (sample.outcome.runtime for sample in samples if isinstance(sample.outcome, Answer))
    found = dict.fromkeys(one for each in facts if not is_exact(each) for one in _of(each))
    # Of the same subject, one answer that tells is enough.
    told = {one.subject for one in found if one.agreement is not None}
    kept = (one for one in found if one.agreement is not None or one.subject not in told)
    return tuple(sorted(kept, key=lambda one: (one.subject == FAST_DECODE, one.subject)))


def calibrated_apart(samples: Iterable[Sample]) -> str:
    """The variant that the two sides have calibrated on different images, which makes two networks of it; or empty."""
    calibrated = [one.agreement for one in reduced(samples) if one.agreement is not None and one.agreement.calibration]
    times = Counter(subject for subject, _ in {(each.subject, each.images_sha256) for each in calibrated})
    return next((subject for subject, count in sorted(times.items()) if count > 1), "")


def is_exact(facts: RuntimeFacts) -> bool:
    return facts.precision == FULL and facts.decode == "exact"


def _of(facts: RuntimeFacts) -> Iterator[Reduced]:
    known = {agreement.subject: agreement for agreement in facts.agreements}
    if facts.precision != FULL:
        yield Reduced(facts.engine, known.get(facts.engine))
    if facts.decode == "fast":
        yield Reduced(FAST_DECODE, known.get(FAST_DECODE))
