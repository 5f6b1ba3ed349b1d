"""What to call in which order: a pure function of the settings and the seed.

Phases, in order: warm-ups; cold pairs; warm-ups again if there were cold pairs (a forced cold start has replaced every
environment); the measured warm pairs. Within a phase the calls come in *blocks*. A block takes one image to every
place, in random order: what drifts (temperature, neighbours) or depends on the image meets all of them
alike. Images are dealt like cards: each is used once before any is used again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from resnet_bench.benchmark.pacing import Kind
from resnet_bench.results.records import Phase, Side

SIDES: tuple[Side, ...] = ("local", "remote")


class Place(NamedTuple):
    """Where a call goes: one engine on one side, under conditions that ``variant`` names where they are its own."""

    engine: str
    side: Side
    variant: str = ""


def both_sides(engines: Sequence[str]) -> tuple[Place, ...]:
    """Each engine here and on Lambda."""
    return tuple(Place(engine, side) for engine, side in product(engines, SIDES))


@dataclass(frozen=True)
class Call:
    """One classification. ``position`` is its order among the calls of the same engine in its block (0 is first)."""

    place: Place
    position: int


@dataclass(frozen=True)
class Block:
    """Calls on the image numbered ``image``, one after the other; ``pair`` counts blocks within the phase."""

    phase: Phase
    pair: int
    image: int
    calls: tuple[Call, ...]

    @property
    def kind(self) -> Kind:
        """The phase, and the variant where all calls have the same."""
        variants = {call.place.variant for call in self.calls}
        return self.phase, variants.pop() if len(variants) == 1 else ""


@dataclass(frozen=True)
class Schedule:
    blocks: tuple[Block, ...]

    def counts(self) -> dict[Phase, int]:
        """Blocks of each phase."""
        return Counter(block.phase for block in self.blocks)


def plan(
    places: Sequence[Place],
    *,
    images: int,
    runs: int,
    warmup: int,
    cold: int,
    seed: int,
) -> Schedule:
    """The schedule of ``runs`` warm, ``cold`` cold and ``warmup`` warm-up calls to each place over ``images`` images.

    Each phase draws from its own stream, so that asking for more warm-ups or cold starts leaves the warm pairs'
    order as it was.

    Raises:
        ValueError: no place or image, a place twice, or a negative count.
    """
    if min(runs, warmup, cold) < 0 or images < 1:
        raise ValueError("counts must not be negative, and there must be an image")
    if not places or len({*places}) < len(places):
        raise ValueError("places must be given, each once")
    parts: list[tuple[Phase, range]] = [("warmup", range(warmup)), ("cold", range(cold))]
    if cold:
        parts.append(("warmup", range(warmup, 2 * warmup)))
    parts.append(("warm", range(runs)))
    return Schedule(tuple(block for phase, pairs in parts for block in _blocks(phase, pairs, places, images, seed)))


def warmups(places: Sequence[Place], pairs: range, *, images: int, seed: int) -> tuple[Block, ...]:
    """Warm-ups with these numbers, beside those of a schedule."""
    return tuple(_blocks("warmup", pairs, places, images, seed))


def _blocks(phase: Phase, pairs: range, places: Sequence[Place], images: int, seed: int) -> Iterator[Block]:
    rng = random.Random(f"{seed} {phase} {pairs.start}")  # noqa: S311 (an order, not a secret)  # nosec B311
    dealt = deal(images, rng)
    for pair in pairs:
        order = list(places)
        rng.shuffle(order)
        before: Counter[str] = Counter()
        calls = []
        for place in order:
            calls.append(Call(place, before[place.engine]))
            before[place.engine] += 1
        yield Block(phase, pair, next(dealt), tuple(calls))


def deal(images: int, rng: random.Random) -> Iterator[int]:
    """Image numbers without end: shuffled, dealt to the last, shuffled again."""
    deck = list(range(images))
    while True:
        rng.shuffle(deck)
        yield from deck
