"""A load test in progress: level after level on both sides in turn, saved call by call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resnet_bench.benchmark.checks import check
from resnet_bench.benchmark.clients import Clients
from resnet_bench.benchmark.load import Level, samples
from resnet_bench.cli.load_sides import LoadSide
from resnet_bench.cli.options import OutputOptions
from resnet_bench.cli.output import check_places
from resnet_bench.cli.photos import CheckedPhoto, changed
from resnet_bench.cli.saving import Keeper, Unsaved
from resnet_bench.cli.session import Session, note_saved
from resnet_bench.errors import RemoteError, ResnetBenchError
from resnet_bench.results.files import ResultWriter
from resnet_bench.results.levels import LoadClients, LoadLevel
from resnet_bench.results.records import Answer, Side, Skipped
from resnet_bench.results.run import Run, Settings
from resnet_bench.units import time_left

# Connections, cold starts and caches: what a level needs until it is steady.
_RAMP_S = 5.0
_RAMP_SHARE = 0.25
_WHERE = {"local": "here", "remote": "on Lambda"}


@dataclass
class Loading:
    """``sides`` take turns at each level of ``concurrency``, for ``duration_s`` each: never both at once."""

    session: Session
    engine: str
    sides: Sequence[LoadSide]
    photos: Sequence[CheckedPhoto]
    concurrency: Sequence[int]
    duration_s: float
    _answered: set[Side] = field(default_factory=set)
    _left: int = 0

    @property
    def ramp_s(self) -> float:
        """At the beginning of each level, not counted."""
        return min(_RAMP_S, _RAMP_SHARE * self.duration_s)

    def run(self, settings: Settings, output: OutputOptions) -> tuple[Run, Path | None]:
        """The whole test; the finished run with its caveats, and where it was saved.

        An error or Ctrl-C on the way carries a note that says where the samples before it are.
        """
        check_places(output)
        begun = self.session.record(settings, self.photos)
        if output.no_save:
            unsaved = Unsaved(begun)
            self._levels(unsaved, output)
            return unsaved.run, None
        writer = ResultWriter(begun, output.save)
        try:
            with writer:
                self._levels(writer, output)
        except (ResnetBenchError, KeyboardInterrupt) as error:
            note_saved(error, writer)
            raise
        self.session.saved = writer.path
        return writer.run, writer.path

    def _levels(self, keeper: Keeper, output: OutputOptions) -> None:
        kept = self.session.kept(keep_account_data=output.keep_account_data)
        self._left = len(self.concurrency) * len(self.sides)
        for concurrency in self.concurrency:
            for side in self.sides:
                self._left -= 1
                reason = side.unfit(concurrency)
                if reason:
                    self.session.display.note(f"{concurrency} at once are left out: {reason}")
                    keeper.add_level(self._level(side, concurrency, Skipped(reason)))
                else:
                    self._load(side, concurrency, keeper, kept)
        for caveat in (*changed(self.photos), *check(keeper.run)):
            keeper.add_caveat(kept(caveat))

    def _load(self, side: LoadSide, concurrency: int, keeper: Keeper, kept: Callable[[Any], Any]) -> None:
        level = Level(self.engine, side.side, concurrency)
        with ExitStack() as stack:
            runners = [stack.enter_context(closing(side.caller())) for _ in range(concurrency)]
            clients = Clients(runners, [photo for photo, _ in self.photos], self.duration_s)
            made = samples(level, clients, self._watch(level), answered=side.side in self._answered)
            side.wake()
            try:
                with closing(made):
                    for sample in made:
                        if isinstance(sample.outcome, Answer):
                            self._answered.add(side.side)
                        keeper.add(kept(sample))
            except RemoteError as error:
                # Whoever explains it ends what still runs there, and must not take the others' calls for the culprit.
                self.session.display.step("waiting for the other calls")
                clients.wait()
                raise side.explain(error) from None
            except KeyboardInterrupt:
                keeper.add_level(self._level(side, concurrency, clients.seen(), cut_short=True))
                raise
            side.rest()
        keeper.add_level(self._level(side, concurrency, clients.seen()))

    def _level(
        self, side: LoadSide, concurrency: int, clients: LoadClients | Skipped, *, cut_short: bool = False
    ) -> LoadLevel:
        lasted_s = clients.elapsed_s if cut_short and isinstance(clients, LoadClients) else self.duration_s
        return LoadLevel(
            engine=self.engine,
            side=side.side,
            variant=Level(self.engine, side.side, concurrency).variant,
            concurrency=concurrency,
            workers=side.workers,
            ramp_s=self.ramp_s,
            duration_s=min(lasted_s, self.duration_s),
            clients=clients,
        )

    def _watch(self, level: Level) -> Callable[[float, int], None]:
        whole_s = self.duration_s * len(self.concurrency) * len(self.sides)

        def watch(elapsed_s: float, count: int) -> None:
            left_s = max(0.0, self.duration_s - elapsed_s) + self._left * self.duration_s
            self.session.display.step(
                f"load, {level.variant} {_WHERE[level.side]}: {count} calls, {time_left(left_s)} left",
                1 - left_s / whole_s,
            )

        return watch
