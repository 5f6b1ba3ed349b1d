"""How often a network in a lower precision, or a faster decoding, answers as the exact one does: measured on images."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from resnet_bench.inference import engines
from resnet_bench.inference.engines.base import Engine
from resnet_bench.inference.exports import REFERENCE, is_calibrated
from resnet_bench.inference.exports.samples import digest, preprocessed, split
from resnet_bench.inference.model import Model
from resnet_bench.inference.pipelines import Pipeline, pipeline
from resnet_bench.inference.ranking import probabilities
from resnet_bench.inference.threads import auto_threads
from resnet_bench.results.records import FAST_DECODE, Agreement, Compared

Classify = Callable[[str], NDArray[np.float64]]


def agree(model: Model, subject: str, samples: Sequence[str]) -> Agreement:
    """``subject``, a variant of an engine or ``FAST_DECODE``, beside float32 with exact decoding.

    A variant that was calibrated is judged on the images of the calibration and on those held out; what needs
    no calibration is judged on all of them.

    Raises:
        ImageError: a sample is not an image.
        EngineError: an engine cannot be loaded.
    """
    threads, resize = auto_threads(None), model.manifest.resize
    reference = engines.load(REFERENCE, model, threads)
    exact = _classifier(reference, pipeline("exact", resize))
    if subject == FAST_DECODE:
        found, calibrated = _classifier(reference, pipeline("fast", resize)), False
    else:
        found = _classifier(engines.load(subject, model, threads), pipeline("exact", resize))
        calibrated = is_calibrated(engines.registered(subject))
    parts = split(samples)
    return Agreement(
        subject=subject,
        calibration=compare(parts.calibration, exact, found) if calibrated else None,
        held_out=compare(parts.held_out if calibrated else samples, exact, found),
        trained=model.manifest.trained,
        images_sha256=digest(samples),
    )


def compare(samples: Sequence[str], exact: Classify, found: Classify) -> Compared:
    """Both on the same images."""
    top1 = top5 = 0
    difference = 0.0
    for sample in samples:
        expected, answered = exact(sample), found(sample)
        top1 += int(expected.argmax() == answered.argmax())
        top5 += int(_top5(expected) == _top5(answered))
        difference = max(difference, float(np.abs(expected - answered).max()))
    return Compared(
        images_count=len(samples), same_top1_count=top1, same_top5_count=top5, max_probability_difference=difference
    )


def _classifier(engine: Engine, steps: Pipeline) -> Classify:
    def classify(sample: str) -> NDArray[np.float64]:
        return probabilities(engine.run(preprocessed(sample, steps))[0])

    return classify


def _top5(found: NDArray[np.float64]) -> set[int]:
    """As a set: two classes that trade places within the five still are the five."""
    return {*np.argsort(-found, kind="stable")[:5].tolist()}
