"""A whole self-check, quick or full: which examinations it makes, in which order, and about how long each takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from resnet_bench.diagnosis import limiter, overhead
from resnet_bench.diagnosis.agreeing import USUAL, Engines
from resnet_bench.diagnosis.cached import examine_cache
from resnet_bench.diagnosis.examine import Examination, Told
from resnet_bench.diagnosis.installed import examine_installed
from resnet_bench.diagnosis.leftovers import Places, examine_leftovers
from resnet_bench.diagnosis.machine import examine_machine
from resnet_bench.diagnosis.noise import examine_noise
from resnet_bench.diagnosis.reachable import Place, examine_reachable
from resnet_bench.diagnosis.timer import examine_timer
from resnet_bench.errors import SetupError
from resnet_bench.inference import cache
from resnet_bench.inference.available import prepared_model
from resnet_bench.inference.model import Model
from resnet_bench.inference.published import HOST
from resnet_bench.results.diagnosis import Finding


@dataclass(frozen=True)
class Asked:
    """``weights`` as ``--weights`` takes them; ``results`` is the folder that results go to; ``encoding`` is of
    standard output."""

    quick: bool
    weights: str
    results: Path
    encoding: str


def examinations(asked: Asked) -> list[Examination]:
    """Those of this machine. What lies behind an account or an address is looked at by who knows it."""
    model, quick = _model(asked.weights), asked.quick
    engines = Engines(model, calls=3 if quick else 10, only=USUAL if quick else None)
    rounds = overhead.QUICK if quick else overhead.FULL
    limits = limiter.QUICK if quick else limiter.FULL
    place, missing = cache.place(), _unprepared(model)

    def installed(_tell: Told) -> Iterator[Finding]:
        return examine_installed(place, asked.results, tools=not quick, encoding=asked.encoding, writes=missing)

    def noise(tell: Told) -> Iterator[Finding]:
        yield from examine_machine()
        yield from examine_noise(0.3 if quick else 3.0, tell)

    def answers(tell: Told) -> Iterator[Finding]:
        yield from examine_cache(place, hashed=not quick)
        yield from engines.examine(tell)

    return [
        Examination("installed", 0.2 if quick else 1.0, installed),
        Examination("leftovers", 0.1, lambda _tell: examine_leftovers(Places(asked.results))),
        Examination("timer", 0.1, lambda _tell: examine_timer()),
        Examination("noise", 1.1 if quick else 8.0, noise),
        Examination("limiter", 3.3 if quick else 25.0, lambda tell: limiter.examine_limiter(limits, tell)),
        Examination("engines", (2.5 if quick else 10.0) if model else 0.1, answers),
        Examination(
            "harness", 1.5 if quick else 5.0, lambda tell: overhead.examine_overhead(rounds, tell, engines.call_s)
        ),
    ]


def reaching(region: str) -> Examination:
    """The host of the weights, and AWS in ``region``."""
    trained = any(_is_trained(folder) for folder in _folders())
    places: Sequence[Place] = (
        Place(
            "reachable-weights",
            "pre-trained weights",
            HOST,
            "trained ones are here already" if trained else "untrained weights take their place",
            topics=("predictions",) if not trained else (),
            needed=not trained,
            todo="--weights PATH, with a file brought from elsewhere",
        ),
        Place(
            "reachable-sts", "AWS", f"sts.{region}.amazonaws.com", "--stack and deploy cannot work", ("calls to AWS",)
        ),
        Place("reachable-lambda", "AWS Lambda", f"lambda.{region}.amazonaws.com", "as above", ("calls to AWS",)),
    )
    return Examination("reachable", 1.0, lambda _tell: examine_reachable(places))


def _model(weights: str) -> Model | None:
    """Without making a cache where there is none."""
    return prepared_model(weights) if (cache.place() / "models").is_dir() else None


def _unprepared(model: Model | None) -> bool:
    """Whether the default command would have to write to the cache."""
    return model is None


def _folders() -> list[Path]:
    with suppress(OSError):
        return sorted((cache.place() / "models").iterdir())
    return []


def _is_trained(folder: Path) -> bool:
    with suppress(SetupError):
        return Model.open(folder).manifest.trained
    return False
