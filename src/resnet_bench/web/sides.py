"""The two sides of the page, and one classification by both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import SystemRandom

from resnet_bench.benchmark.measure import Measuring, Step
from resnet_bench.benchmark.pacing import Pacer
from resnet_bench.benchmark.schedule import SIDES, Block, Call, Place, Schedule
from resnet_bench.errors import ResnetBenchError
from resnet_bench.results.records import Sample, Side
from resnet_bench.runners.base import Photo, Runner
from resnet_bench.web.history import in_its_phase


@dataclass(frozen=True)
class Sides:
    """What is compared, and how. ``refresh`` asks AWS once for what arrives late of remote samples.

    ``kept`` is what is kept of a sample: all, or all but account data.
    """

    engine: str
    runners: Mapping[Side, Runner]
    refresh: Callable[[list[Sample]], list[Sample]]
    forces_cold: bool
    kept: Callable[[Sample], Sample]


@dataclass
class Forgiving:
    """A tolerance by which a side that fails leaves the other its turn; ``hints`` keeps what to try then."""

    hints: dict[Side, str] = field(default_factory=dict)

    def answered(self, place: Place) -> None:
        pass

    def excuses(self, place: Place, error: ResnetBenchError) -> bool:
        self.hints[place.side] = error.hint
        return True

    def given_up(self, place: Place) -> bool:  # noqa: ARG002 - Tolerance's signature
        return False


def classify(
    sides: Sides, photo: Photo, *, pair: int, cold: bool, tolerance: Forgiving, show: Callable[[Side], None]
) -> Iterator[Sample]:
    """Both sides in random order, as in any run; ``show`` hears whose turn begins before its clock runs."""

    def tell(step: Step) -> None:
        show(step.place.side)

    places = [Place(sides.engine, side) for side in SystemRandom().sample(SIDES, len(SIDES))]
    calls = tuple(Call(place, position) for position, place in enumerate(places))
    block = Block("cold" if cold else "warm", pair, 0, calls)
    runners = {place: sides.runners[place.side] for place in places}
    measuring = Measuring(runners, [photo], Pacer(0.0), tell, tolerance=tolerance)
    for sample in measuring.run(Schedule((block,))):
        yield sides.kept(in_its_phase(sample))
