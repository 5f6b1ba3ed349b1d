"""One run of ``local``, ``remote`` or ``compare``: options in, runners made, samples measured and saved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal

from msgspec.structs import replace

from resnet_bench.benchmark.checks import check
from resnet_bench.benchmark.measure import Measuring, Place, Step, complete
from resnet_bench.benchmark.pacing import Pacer
from resnet_bench.benchmark.schedule import Schedule
from resnet_bench.cli.endpoints import HANDLER, EmulatedEndpoint, UrlEndpoint, handler_variables
from resnet_bench.cli.options import DEFAULT_MEMORY_MB, OutputOptions, SideOptions, parse_threads
from resnet_bench.cli.output import check_places
from resnet_bench.cli.progress import Display
from resnet_bench.emulator.function import Function
from resnet_bench.errors import ImageError, ResnetBenchError, UsageError
from resnet_bench.inference import images
from resnet_bench.inference.model import Model, prepare
from resnet_bench.inference.threads import auto_threads
from resnet_bench.results.environment import here
from resnet_bench.results.files import ResultWriter
from resnet_bench.results.records import Sample
from resnet_bench.results.run import Caveat, Deployment, Enforcement, ImageRef, Run, Settings
from resnet_bench.results.versions import VERSION
from resnet_bench.runners.base import Endpoint, Photo, Runner
from resnet_bench.runners.local import LocalRunner
from resnet_bench.runners.remote import RemoteRunner, check_size
from resnet_bench.sandbox.allowance import MAX_MB, MIN_MB, Allowance
from resnet_bench.sandbox.limits import choose
from resnet_bench.units import MIB, time_left

CheckedPhoto = tuple[Photo, ImageRef]

_PHASES = {"warmup": "warming up", "cold": "cold start", "warm": "measuring"}


@dataclass
class Session:
    """Holds everything that must be closed, in the order in which it was made. Use it as a context manager."""

    sides: SideOptions
    display: Display
    runners: dict[Place, Runner] = field(default_factory=dict)
    deployment: Deployment | None = None
    local_enforcement: Enforcement | None = None
    _closing: ExitStack = field(default_factory=ExitStack)
    _model: Model | None = None

    def __post_init__(self) -> None:
        self._limiter, self._unavailable = choose(self.sides.limiter)
        self._threads = parse_threads(self.sides.threads)
        if not MIN_MB <= self._memory_mb <= MAX_MB:
            raise UsageError(f"--memory is {self._memory_mb} MB", f"Lambda allows {MIN_MB} to {MAX_MB} MB")

    def __enter__(self) -> Session:
        self._closing.enter_context(self.display)
        if self._limiter.enforcement.mechanism in {"throttle", "none"}:
            for name, skipped in self._unavailable.items():
                self.display.note(f"{name} cannot be used here: {skipped.reason}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.__exit__(kind, error, trace)

    @property
    def model(self) -> Model:
        """Prepared when first asked for."""
        if self._model is None:
            self._model = prepare(self.sides.weights, self.sides.engines, self.display)
            if self._model.notice is not None:
                self.display.note(self._model.notice)
        return self._model

    def add_local(self, engine: str, *, equalised: bool = False) -> None:
        """The local side for ``engine``, with Lambda's limits if ``equalised``."""
        allowance = Allowance(self._memory_mb) if equalised else None
        threads = self._threads or auto_threads(allowance.cpu.share if allowance else None)
        runner = LocalRunner(engine, self.model, threads, self._limiter, allowance=allowance, top=self.sides.top)
        self.runners[engine, "local"] = self._closing.enter_context(closing(runner))
        if equalised:
            self.local_enforcement = self._limiter.enforcement

    def add_remote(self, engine: str) -> None:
        """The remote side for ``engine``: a deployed function if a URL was given, else an emulated one of its own."""
        endpoint = self._closing.enter_context(closing(self._endpoint(engine)))
        self.deployment = endpoint.deployment()
        runner = RemoteRunner(endpoint, engine, raw=self.sides.raw)
        self.runners[engine, "remote"] = self._closing.enter_context(closing(runner))

    def _endpoint(self, engine: str) -> Endpoint:
        if self.sides.url is not None:
            return UrlEndpoint(self.sides.url, aws_url=self.sides.aws_url, progress=self.display)
        variables = handler_variables(self.model, engine, self.sides.threads)
        # Not the current folder, whose files could shadow libraries: the runtime client imports from its task root.
        function = Function(HANDLER, memory_mb=self._memory_mb, variables=variables, task_root=str(self.model.folder))
        return EmulatedEndpoint(function, self._limiter, seed=self.sides.seed, progress=self.display)

    @property
    def _memory_mb(self) -> int:
        return DEFAULT_MEMORY_MB if self.sides.memory_mb is None else self.sides.memory_mb

    def measure(
        self, schedule: Schedule, settings: Settings, photos: Sequence[CheckedPhoto], output: OutputOptions
    ) -> tuple[Run, Path | None]:
        """Run the schedule; the finished run, with late figures and caveats, and where it was saved.

        An error or Ctrl-C on the way carries a note that says where the samples before it are.
        """
        check_places(output)
        run = Run(
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
        pacer = Pacer(settings.interval_s, sleep=self.display.wait)
        measuring = Measuring(self.runners, [photo for photo, _ in photos], pacer, self._show)
        if output.no_save:
            samples = list(measuring.run(schedule))
            measured = replace(run, samples=tuple(self._complete(samples)), finished=True)
            return replace(measured, caveats=(*_changed(photos), *_late(pacer), *check(measured))), None
        writer = ResultWriter(run, output.save)
        try:
            with writer:
                for sample in measuring.run(schedule):
                    writer.add(sample)
                writer.replace_samples(self._complete(writer.run.samples))
                for caveat in (*_changed(photos), *_late(pacer), *check(writer.run)):
                    writer.add_caveat(caveat)
        except (ResnetBenchError, KeyboardInterrupt) as error:
            if writer.run.samples and writer.path.exists():
                count = len(writer.run.samples)
                error.add_note(f"the {count} samples measured before are safe: resnet-bench show {writer.path}")
            raise
        return writer.run, writer.path

    def _complete(self, samples: Sequence[Sample]) -> list[Sample]:
        if any(side == "remote" for _, side in self.runners):
            self.display.step("asking for traces and REPORT lines")
        return complete(samples, self.runners)

    def _show(self, step: Step) -> None:
        left = "" if step.left_s is None else f", {time_left(step.left_s)} left"
        where = "here" if step.side == "local" else "on Lambda"
        self.display.step(
            f"{_PHASES[step.phase]} {step.number} of {step.count}: {step.engine} {where}{left}",
            (step.number - 1) / step.count,
        )


def _changed(photos: Sequence[CheckedPhoto]) -> Iterator[Caveat]:
    """Both sides read the files anew for each call: one that changed meanwhile was not the same for all."""
    for photo, image in photos:
        try:
            same = hashlib.sha256(images.load(photo.path)).hexdigest() == image.sha256
        except ImageError:
            same = False
        if not same:
            yield Caveat(
                code="image-changed",
                message=f"{photo.name} changed during the run: not all calls were on the same bytes",
                next_step="leave the images alone, and measure again",
            )


def _late(pacer: Pacer) -> Iterator[Caveat]:
    if pacer.skipped_count:
        yield Caveat(
            code="slots-skipped",
            message=f"{pacer.skipped_count} starts were skipped: the block before took longer than --interval",
            next_step="a longer --interval",
        )


def open_photos(paths: Sequence[Path], *, remote: bool) -> list[CheckedPhoto]:
    """The images to classify, checked before anything is started: there, whole, and small enough to send.

    Raises:
        ImageError: one of them is not.
        UsageError: two have the same name, which would mix their figures.
    """
    photos: list[CheckedPhoto] = []
    for path in paths:
        if any(photo.name == path.name for photo, _ in photos):
            raise UsageError(f"two images are called {path.name}", "give each file once, under a name of its own")
        data = images.load(path)
        if remote:
            check_size(path.name, len(data))
        photos.append((Photo(path.name, str(path.absolute())), _inspect(path.name, data)))
    return photos


def _inspect(name: str, data: bytes) -> ImageRef:
    """What the result file keeps of an image; decodes it, so that a damaged one is found before measuring."""
    try:
        decoded = images.decode(data)
    except ImageError as error:
        raise ImageError(f"{name}: {error.message}", error.hint, code=error.code) from None
    width, height = decoded.size
    return ImageRef(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        width=width,
        height=height,
        format=decoded.format,
    )


def warm_calls(calls: int, cold: int, *, images: int) -> int:
    """How many of ``calls`` are left to be warm where the first ``cold`` ones are cold.

    Of one image the cold call is one of its calls. Of several it is an extra: whichever it meets, each image still
    gets as many warm calls as the others.
    """
    return calls - cold if images == 1 else calls


def settings_for(
    command: Literal["local", "remote", "compare"],
    sides: SideOptions,
    *,
    runs: int,
    warmup: int,
    cold: int,
    interval_s: float = 0.0,
) -> Settings:
    known_memory_mb = None if sides.url is not None else sides.memory_mb
    return Settings(
        command=command,
        engines=sides.engines,
        runs=runs,
        warmup=warmup,
        cold=cold,
        interval_s=interval_s,
        seed=sides.seed,
        memory_bytes=None if known_memory_mb is None else known_memory_mb * MIB,
        threads=parse_threads(sides.threads),
        weights=sides.weights,
        raw_body=sides.raw,
    )
