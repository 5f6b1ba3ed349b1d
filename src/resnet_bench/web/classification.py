"""One press of the button: an image on its way through both sides, and what has come back so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from resnet_bench.benchmark.agreement import difference, tolerance
from resnet_bench.errors import ResnetBenchError
from resnet_bench.results.records import Answer, Sample, Side, Skipped
from resnet_bench.results.run import ImageRef

# ``queued``, then the two sides in random order, then ``tracing`` until X-Ray and log have told all or are given up.
State = Literal["queued", "checking", "local", "remote", "tracing", "done"]
# How often X-Ray and the log are asked for one call, and the pause before each time but the first.
ASKS = 10
ASK_EVERY_S = 5.0


@dataclass
class Classification:
    """What ``Bench`` knows of one classification; it alone changes it.

    ``cold``: a cold start of both sides was asked for. ``ahead_count`` is how many classifications come before this one
    while it is ``queued``. ``problem`` is why there is no answer at all: an image that cannot be classified, say. A
    side that failed by itself has a ``Failed`` outcome, and ``hints`` says what to try.
    ``parts`` is what the page shows of it, by name, as HTML. ``version`` counts the changes.
    """

    number: int
    image: ImageRef
    cold: bool
    state: State = "queued"
    ahead_count: int = 0
    local: Sample | None = None
    remote: Sample | None = None
    asks_count: int = 0
    problem: ResnetBenchError | None = None
    hints: dict[Side, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict, repr=False)
    version: int = 0

    @property
    def answered(self) -> bool:
        """Both sides have had their turn, or never will."""
        return self.state in {"tracing", "done"}

    @property
    def samples(self) -> tuple[Sample, ...]:
        return tuple(sample for sample in (self.local, self.remote) if sample is not None)

    @property
    def pending(self) -> bool:
        """Whether asking X-Ray or the log again may tell more of the remote call."""
        late = () if self.remote is None else (self.remote.trace, self.remote.report)
        return any(isinstance(value, Skipped) and value.pending for value in late)

    @property
    def cold_start(self) -> bool | None:
        """Whether the remote call met a fresh environment, by its own account; ``None`` without an answer."""
        outcome = None if self.remote is None else self.remote.outcome
        return outcome.identity.cold_start if isinstance(outcome, Answer) else None

    @property
    def disagreement(self) -> str | None:
        """How the two answers differ: empty if they do not, ``None`` unless both sides answered."""
        answers = [sample.outcome for sample in self.samples if isinstance(sample.outcome, Answer)]
        if len(answers) < 2:  # noqa: PLR2004 - there are two sides
            return None
        here, there = answers
        return difference(here.predictions, there.predictions, tolerance(here, there))


class Facts(Struct, frozen=True, kw_only=True):
    """What the page says before anything is classified.

    ``headline`` tells the two sides; ``warning`` what must be known before anything is believed; ``samples`` are names
    of photographs to try; an image of more than ``limit_bytes`` cannot be sent to a Lambda.
    """

    headline: tuple[str, ...]
    warning: str
    samples: tuple[str, ...]
    forces_cold: bool
    limit_bytes: int
