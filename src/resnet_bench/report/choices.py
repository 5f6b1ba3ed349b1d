"""Which memory size to take: each engine's by every strategy, and one sentence by one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from resnet_bench.analysis.choice import SCORES, Choice, Rival, Strategy, choose
from resnet_bench.analysis.sweep import Size, per_million
from resnet_bench.report.names import named
from resnet_bench.report.rows import Caption, Column, Row, Table
from resnet_bench.units import format_usd, number, times

_COLUMNS = (
    Column("strategy", "by"),
    Column("best", "take"),
    Column("reason", "because", fold=True),
)
_ORDER: dict[Strategy, str] = {
    "cost": "cheapest a request",
    "speed": "fastest, warm p50",
    "balanced": "lowest time^0.5 x cost^0.5",
}
_RATIO = (
    "A size is as good as the best where the 95 % interval of the ratio of both, within pairs, reaches 1. Sizes that "
    "failed are never taken."
)

# How a size is named: with its engine, or without where that stands above.
Naming = Callable[[Size], str]


def memory_of(size: Size) -> str:
    return f"{size.memory_mb} MB"


def name_of(size: Size) -> str:
    return f"{named(size.engine)} at {memory_of(size)}"


def choices(found: Sequence[Size], captions: tuple[Caption, ...]) -> Table:
    return Table(
        name="choices",
        title="Which size to take",
        columns=_COLUMNS,
        rows=tuple(
            Row((choice.strategy, memory_of(choice.best), _reason(choice, memory_of)), engine)
            for engine, own in _by_engine(found).items()
            for strategy in SCORES
            if (choice := choose(own, strategy)) is not None
        ),
        captions=captions,
        notes=(_RATIO,),
    )


def tune_verdict(found: Sequence[Size], strategy: Strategy) -> str:
    """The best of all engines and sizes, and the best size of each other engine, for who has chosen that."""
    choice = choose(found, strategy)
    if choice is None:
        return "No verdict: no memory size works, or none was measured."
    others = [
        f"with {named(engine)} it would be {memory_of(own.best)}{''.join(map(', {}'.format, _room(own.best)))}"
        for engine, sizes in _by_engine(found).items()
        if engine != choice.best.engine and (own := choose(sizes, strategy)) is not None
    ]
    reason = "; ".join([_reason(choice, name_of), *others])
    return f"By {strategy}, take {name_of(choice.best)}: {reason}."


def _by_engine(found: Sequence[Size]) -> dict[str, list[Size]]:
    by: dict[str, list[Size]] = {}
    for size in found:
        by.setdefault(size.engine, []).append(size)
    return by


def _reason(choice: Choice, name: Naming) -> str:
    best = choice.best
    assert best.warm is not None  # noqa: S101 - a size that is usable
    assert best.usd is not None  # noqa: S101
    shown = times((best.warm.p50,))
    figures = f"{shown.texts[0]} {shown.unit.name} and {format_usd(per_million(best.usd))} USD a million requests"
    return "; ".join([f"{_ORDER[choice.strategy]} ({figures})", *_rivals(choice, name), *_room(best)])


def _rivals(choice: Choice, name: Naming) -> Iterator[str]:
    """Honest about ties: what cannot be told from the best is as good."""
    if choice.as_good:
        listed = ", ".join(f"{name(rival.size)}{_instead(rival, choice.best)}" for rival in choice.as_good)
        yield f"as good, within what was measured: {listed}"
    elif choice.rivals and choice.rivals[0].ratio.interval is not None:
        yield f"next is {name(choice.rivals[0].size)}, at {_against(choice.rivals[0])} of that"
    elif choice.rivals:
        yield "too few runs to say by how much it beats the next"


def _instead(rival: Rival, best: Size) -> str:
    """What speaks for a size that is as good: ``, which is cheaper (1.02 [0.98, 1.05])``."""
    gains = []
    if rival.size.usd is not None and best.usd is not None and rival.size.usd < best.usd:
        gains.append("cheaper")
    if rival.size.warm is not None and best.warm is not None and rival.size.warm.p50 < best.warm.p50:
        gains.append("faster")
    which = f", which is {' and '.join(gains)}" if gains else ""
    return f"{which} ({_against(rival)})"


def _room(best: Size) -> Iterator[str]:
    if best.full and best.utilisation is not None:
        yield f"but {best.utilisation:.0%} of its memory is in use, which leaves no room: rather take the next size up"


def _against(rival: Rival) -> str:
    interval = rival.ratio.interval
    assert interval is not None  # noqa: S101 - no ratio without one
    return f"{number(rival.ratio.value)} [{number(interval.low)}, {number(interval.high)}]"
