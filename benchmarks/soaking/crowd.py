"""Many clients at once, each with a connection of its own, that call again and again until the time is over."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx

# Longer than anything that a server promises: a call that takes this long is one that hangs.
TIMEOUT_S = 60.0
# Of who was told to come later.
_PAUSE_S = (0.05, 0.3)
# Some are enough to see what is wrong.
_MOST_KEPT = 20


class Wrong(Exception):
    """An answer that should not have been given."""


@dataclass(frozen=True)
class Call:
    """``at_s`` since the start, ``outcome`` such as ``200`` or ``429``."""

    kind: str
    outcome: str
    at_s: float
    seconds: float


@dataclass
class Ledger:
    """What all clients saw. ``ids`` are those of requests: none may be given twice."""

    began_s: float = field(default_factory=time.monotonic)
    calls: list[Call] = field(default_factory=list)
    wrong_count: int = 0
    wrong: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def note(self, kind: str, outcome: object, began_s: float) -> None:
        now_s = time.monotonic()
        self.calls.append(Call(kind, str(outcome), now_s - self.began_s, now_s - began_s))

    def complain(self, kind: str, what: str) -> None:
        self.wrong_count += 1
        if len(self.wrong) < _MOST_KEPT:
            self.wrong.append(f"{kind}: {what}")

    def check_new(self, *ids: str) -> None:
        """
        Raises:
            Wrong: one of them has been given to another request.
        """
        for each in ids:
            if not each or each in self.ids:
                raise Wrong(f"id {each!r} twice, or empty")
            self.ids.add(each)

    def outcomes(self) -> Counter[tuple[str, str]]:
        return Counter((call.kind, call.outcome) for call in self.calls)


@dataclass(frozen=True)
class Member:
    """One of the crowd. ``client`` is its own; whatever it sends can be told by ``number`` from the others'."""

    number: int
    client: httpx.AsyncClient
    ledger: Ledger
    chance: random.Random


# Makes one call and gives its outcome: a status as a rule. It raises Wrong for an answer that is not its own.
Behaviour = Callable[[Member], Awaitable[object]]


def dealt(kinds: Sequence[tuple[str, Behaviour]], count: int) -> dict[str, list[Behaviour]]:
    """``count`` clients, each of the kind that is next."""
    members: dict[str, list[Behaviour]] = {}
    for number in range(count):
        kind, behaviour = kinds[number % len(kinds)]
        members.setdefault(kind, []).append(behaviour)
    return members


# Those who are told so have come too soon, which is no error.
REFUSALS = frozenset({"429", "503"})


@dataclass(frozen=True)
class Crowd:
    """``members`` has a behaviour for each client, by the kind of client; numbers are given through all kinds."""

    base_url: str
    members: dict[str, list[Behaviour]]
    seconds: float

    async def gather(self) -> Ledger:
        ledger = Ledger()
        numbered = [(kind, behaviour) for kind, behaviours in self.members.items() for behaviour in behaviours]
        async with asyncio.TaskGroup() as group:
            for number, (kind, behaviour) in enumerate(numbered):
                group.create_task(self._member(number, kind, behaviour, ledger))
        return ledger

    async def _member(self, number: int, kind: str, behaviour: Behaviour, ledger: Ledger) -> None:
        chance = random.Random(number)
        await asyncio.sleep(chance.random())
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(
            base_url=self.base_url, timeout=TIMEOUT_S, limits=limits, trust_env=False
        ) as client:
            member = Member(number, client, ledger, chance)
            while time.monotonic() - ledger.began_s < self.seconds:
                began_s = time.monotonic()
                try:
                    outcome = str(await behaviour(member))
                except Wrong as wrong:
                    ledger.complain(kind, str(wrong))
                    outcome = "wrong"
                except httpx.HTTPError as error:
                    ledger.complain(kind, f"{type(error).__name__}: {error}")
                    outcome = type(error).__name__
                ledger.note(kind, outcome, began_s)
                if outcome in REFUSALS:
                    await asyncio.sleep(chance.uniform(*_PAUSE_S))
