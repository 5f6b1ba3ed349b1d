"""One run of ``local``, ``remote`` or ``compare``: options in, runners made, samples measured and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from resnet_bench.aws.privacy.records import strip_record
from resnet_bench.benchmark.checks import check
from resnet_bench.benchmark.measure import Measuring, Step, complete
from resnet_bench.benchmark.pacing import Pacer
from resnet_bench.benchmark.schedule import Place, Schedule
from resnet_bench.benchmark.tolerance import OneLostCall, Tolerance
from resnet_bench.cli.disturbances import Disturbances
from resnet_bench.cli.forecast import TraceForecast
from resnet_bench.cli.options import OutputOptions, SideOptions, parse_threads
from resnet_bench.cli.output import check_places
from resnet_bench.cli.photos import CheckedPhoto, changed
from resnet_bench.cli.preparing import prepared
from resnet_bench.cli.progress import Display
from resnet_bench.cli.resuming import Resumed, resume_command
from resnet_bench.cli.targets.base import Means, Target
from resnet_bench.errors import ResnetBenchError
from resnet_bench.inference.model import Model
from resnet_bench.inference.threads import auto_threads
from resnet_bench.loopback import is_loopback_url
from resnet_bench.results.environment import here
from resnet_bench.results.files import ResultWriter
from resnet_bench.results.records import Decode, Sample
from resnet_bench.results.run import Caveat, Deployment, Enforcement, Run, Settings
from resnet_bench.results.sharing import Sharing
from resnet_bench.results.versions import VERSION
from resnet_bench.runners.base import Endpoint, Runner
from resnet_bench.runners.local import LocalRunner
from resnet_bench.runners.retrying import RetryPolicy
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits import choose
from resnet_bench.units import time_left

_PHASES = {"warmup": "warming up", "cold": "cold start", "warm": "measuring", "load": "load"}


@dataclass
class Session:
    """Holds everything that must be closed, in the order in which it was made. Use it as a context manager."""

    sides: SideOptions
    engines: Sequence[str]
    display: Display
    equalised_mb: int | None = None
    interval_s: float = 0.0
    runners: dict[Place, Runner] = field(default_factory=dict)
    deployment: Deployment | None = None
    local_enforcement: Enforcement | None = None
    saved: Path | None = None
    _disturbances: Disturbances = field(default_factory=Disturbances)
    _paced: bool = False
    _hosts: set[str] = field(default_factory=set)
    _sharing: Sharing = field(default_factory=Sharing)
    _closing: ExitStack = field(default_factory=ExitStack)
    _model: Model | None = None

    def __post_init__(self) -> None:
        self._limiter, self._unavailable = choose(self.sides.limiter)
        self.threads = parse_threads(self.sides.threads)

    def __enter__(self) -> Session:
        self._closing.enter_context(self.display)
        if self._limiter.enforcement.mechanism in {"throttle", "none"}:
            for name, skipped in self._unavailable.items():
                self.display.note(f"{name} cannot be used here: {skipped.reason}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._closing.__exit__(kind, error, trace)
        except KeyboardInterrupt as interrupt:
            if error is None and self.saved is not None:
                interrupt.add_note(f"the results are safe: resnet-bench show {self.saved}")
            raise

    @property
    def decode(self) -> Decode:
        return self.sides.network.decode or "exact"

    @property
    def model(self) -> Model:
        """Prepared when first asked for."""
        if self._model is None:
            self._model = prepared(self.sides.weights, self.engines, self.sides.network, self.display)
        return self._model

    @property
    def means(self) -> Means:
        retries = RetryPolicy.within(self.interval_s)
        return Means(lambda: self.model, self._limiter, self.display, self._closing, retries)

    def add_local(self, engine: str) -> None:
        """The local side for ``engine``; held to Lambda's limits where a memory size was asked for."""
        allowance = None if self.equalised_mb is None else Allowance(self.equalised_mb)
        threads = self.threads or auto_threads(allowance.cpu.share if allowance else None)
        self.add(Place(engine, "local"), self.local_runner(engine, threads, allowance))
        if allowance is not None:
            self.local_enforcement = self._limiter.enforcement

    def local_runner(self, engine: str, threads: int, allowance: Allowance | None = None) -> LocalRunner:
        return LocalRunner(
            engine, self.model, threads, self._limiter, allowance=allowance, top=self.sides.top, decode=self.decode
        )

    def add_remote(self, target: Target, engine: str) -> Endpoint:
        """The remote side for ``engine``."""
        endpoint, runner = target.open(engine, self.means)
        self.add(Place(engine, "remote"), runner)
        self._paced = target.paced
        self.know(endpoint)
        return endpoint

    def add(self, place: Place, runner: Runner) -> None:
        """One more runner, which is closed with the session."""
        self.runners[place] = self._closing.enter_context(closing(runner))

    def know(self, endpoint: Endpoint) -> None:
        """What is saved tells of this deployment, and not whose it is."""
        self.deployment = endpoint.deployment()
        host = urlsplit(endpoint.url).hostname
        if host and not is_loopback_url(endpoint.url):
            self._hosts.add(host)

    def measure(
        self,
        schedule: Schedule,
        settings: Settings,
        photos: Sequence[CheckedPhoto],
        output: OutputOptions,
        tolerance: Tolerance | None = None,
        resumed: Resumed | None = None,
    ) -> tuple[Run, Path | None]:
        """Run the schedule; the finished run, with late figures and caveats, and where it was saved.

        ``tolerance`` decides which failures are lived with; without one, those of a comparison. ``resumed`` is what
        the schedule is the rest of.
        An error or Ctrl-C on the way carries a note that says where the samples before it are.
        """
        check_places(output)
        run = self.record(settings, photos)
        since_s = None if resumed is None else resumed.since_grid_s
        pacer = Pacer(settings.interval_s, sleep=self.display.wait, since_s=since_s)
        measuring = Measuring(
            self.runners,
            [photo for photo, _ in photos],
            pacer,
            self._watching(settings),
            tolerance=tolerance or OneLostCall(),
        )
        kept = self.kept(keep_account_data=output.keep_account_data)
        samples = map(kept, measuring.run(schedule))
        if output.no_save:
            measured = replace(run, samples=tuple(map(kept, self._complete(list(samples)))), finished=True)
            return replace(measured, caveats=tuple(self._doubts(measured, photos, pacer))), None
        completed: Callable[[Sequence[Sample]], list[Sample]] = self._complete
        first: list[Sample] = []
        if resumed is None:
            writer = ResultWriter(run, output.save)
        else:
            writer, first = resumed.writer(run, samples)
            completed = partial(resumed.completed, complete=self._complete)
        try:
            with writer:
                for sample in chain(first, samples):
                    writer.add(sample)
                writer.replace_samples(list(map(kept, completed(writer.run.samples))))
                for caveat in self._doubts(writer.run, photos, pacer):
                    writer.add_caveat(kept(caveat))
        except (ResnetBenchError, KeyboardInterrupt) as error:
            note_saved(error, writer, [photo.path for photo, _ in photos])
            raise
        self.saved = writer.path
        return writer.run, writer.path

    def record(self, settings: Settings, photos: Sequence[CheckedPhoto]) -> Run:
        """The run before its first sample."""
        return Run(
            version=VERSION,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            settings=settings,
            environment=here(),
            deployment=self.deployment,
            local_enforcement=self.local_enforcement,
            images=tuple(image for _, image in photos),
            samples=(),
            caveats=(),
            finished=False,
        )

    def kept(self, *, keep_account_data: bool) -> Callable[[Any], Any]:
        """What is kept of a record: all, or all but account data; of samples what they have in common once."""
        stripped = _as_it_is if keep_account_data else partial(strip_record, hosts=tuple(self._hosts))

        def keep(record: Any) -> Any:
            record = stripped(record)
            return self._sharing.shared(record) if isinstance(record, Sample) else record

        return keep

    def _watching(self, settings: Settings) -> Callable[[Step], None]:
        """What to do at each step of the measuring: show it, and judge the pace where X-Ray samples by it."""
        # The ladder reads traces of cold calls alone, and the sweep none.
        if not self._paced or settings.command in {"explain", "tune"}:
            return self._show
        forecast = TraceForecast(self.display.note, calls_count=settings.runs, interval_s=settings.interval_s)

        def watch(step: Step) -> None:
            forecast.hear(step)
            self._show(step)

        return watch

    def _complete(self, samples: Sequence[Sample]) -> list[Sample]:
        if any(place.side == "remote" for place in self.runners):
            self.display.step("asking for traces and REPORT lines")
        return complete(samples, self.runners)

    def _doubts(self, run: Run, photos: Sequence[CheckedPhoto], pacer: Pacer) -> Iterator[Caveat]:
        self.display.step("checking what was measured")  # ten thousand pairs take a second or two
        yield from changed(photos)
        yield from _late(pacer)
        yield from self._disturbances.doubts()
        yield from check(run)

    def _show(self, step: Step) -> None:
        left = "" if step.left_s is None else f", {time_left(step.left_s)} left"
        where = step.place.variant or ("here" if step.place.side == "local" else "on Lambda")
        self.display.step(
            f"{_PHASES[step.phase]} {step.number} of {step.count}: {step.place.engine} {where}{left}",
            (step.number - 1) / step.count,
        )


def note_saved(error: BaseException, writer: ResultWriter, images: Sequence[str] = ()) -> None:
    """Let ``error`` tell where the samples before it are, if there are any; ``images`` are those of a comparison."""
    # Of a run whose end was cut short they are still in the journal.
    place = next((path for path in (writer.path, writer.journal_path) if path.exists()), None)
    if writer.run.samples and place is not None:
        count = len(writer.run.samples)
        if writer.run.settings.command == "compare":
            error.add_note(f"to go on where it stopped: {resume_command(place, writer.run.images, images)}")
        error.add_note(f"the {count} samples measured before are safe: resnet-bench show {place}")


def _as_it_is(record: Any) -> Any:
    return record


def _late(pacer: Pacer) -> Iterator[Caveat]:
    if pacer.skipped_count:
        yield Caveat(
            code="slots-skipped",
            message=f"{pacer.skipped_count} starts were skipped: the block before took longer than --interval",
            next_step="a longer --interval",
        )
