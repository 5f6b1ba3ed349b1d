"""The schedule of a memory sweep: every place in turn, twice, with half of its calls each time.

A change of size replaces a function's environments, so that sizes cannot alternate call by call as both sides of a
comparison do: each visit stays with its size. Twice, because a machine that slows down (or a neighbour that wakes up)
would pass for a memory size if each were visited once. The first round is in random, seeded order and the second in the
opposite one: on average every place is then measured at the same time of the run, and a steady drift adds the same to
all. That is cleaner than two random orders, which leave one size early twice. On AWS it costs no more: the size that
ends the first round begins the second.

A visit meets a fresh environment anyway, so it begins with its share of the cold starts, of which the drift is kept out
in the same way. Warm-ups follow, then the warm calls. The images are dealt alike to all places: call number k of a
phase is on the same image at each of them, and the calls of one number are a pair across sizes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from resnet_bench.benchmark.schedule import Block, Call, Place, Schedule, deal
from resnet_bench.results.records import Phase

_ROUNDS = 2


def sweep(places: Sequence[Place], *, images: int, runs: int, warmup: int, cold: int, seed: int) -> Schedule:
    """``runs`` warm and ``cold`` cold calls to each place, and ``warmup`` before the warm ones of each visit.

    Raises:
        ValueError: no place or image, a place twice, a negative count, or fresh environments that nothing warms up.
    """
    if min(runs, warmup, cold) < 0 or images < 1:
        raise ValueError("counts must not be negative, and there must be an image")
    if not places or len({*places}) < len(places):
        raise ValueError("places must be given, each once")
    if runs and not warmup:
        raise ValueError("a visit begins with a fresh environment, which must be warmed up")
    order = list(places)
    random.Random(f"{seed} sweep").shuffle(order)  # noqa: S311 (an order, not a secret)  # nosec B311
    colds, warms = _dealt("cold", cold, images, seed), _dealt("warm", runs, images, seed)
    blocks: list[Block] = []
    for number in range(_ROUNDS):
        cold_pairs, warm_pairs = _share(colds, number), _share(warms, number)
        # On the images that are measured next, so that whatever one of them is the first to need is there.
        ups = [(number * warmup + pair, warm_pairs[pair % len(warm_pairs)][1]) for pair in range(warmup) if warm_pairs]
        for place in order if number % 2 == 0 else reversed(order):
            blocks += _blocks("cold", cold_pairs, place)
            blocks += _blocks("warmup", ups, place)
            blocks += _blocks("warm", warm_pairs, place)
    return Schedule(tuple(blocks))


def _dealt(phase: Phase, count: int, images: int, seed: int) -> list[tuple[int, int]]:
    """The pairs of a phase: number and image."""
    dealt = deal(images, random.Random(f"{seed} sweep {phase}"))  # noqa: S311  # nosec B311
    return [(pair, next(dealt)) for pair in range(count)]


def _share(pairs: Sequence[tuple[int, int]], number: int) -> Sequence[tuple[int, int]]:
    """Of round ``number``; the first gets the larger half."""
    half = -(-len(pairs) // _ROUNDS)
    return pairs[number * half : (number + 1) * half]


def _blocks(phase: Phase, pairs: Sequence[tuple[int, int]], place: Place) -> Iterator[Block]:
    for pair, image in pairs:
        yield Block(phase, pair, image, (Call(place, 0),))


def variant_of(memory_mb: int) -> str:
    """As the samples of a size are marked: ``512 MB``."""
    return f"{memory_mb} MB"


def sized_places(engines: Sequence[str], sizes_mb: Sequence[int]) -> tuple[Place, ...]:
    """Each engine on Lambda at each size."""
    return tuple(Place(engine, "remote", variant_of(size)) for engine in engines for size in sizes_mb)
