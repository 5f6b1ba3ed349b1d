"""Cold and warm calls and memory on the emulated 1024 MB Lambda: each engine against the plain design."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from resnet_bench.cli.targets.emulated import HANDLER, handler_variables
from resnet_bench.diagnosis.calls import Caller
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.http_event import CLASSIFY_PATH
from resnet_bench.inference.engines import registered
from resnet_bench.inference.model import Model
from resnet_bench.lambda_report import parse_report
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Decode, Skipped
from resnet_bench.sandbox.limits import choose
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.wire import decode_answer
from suite.figures import Check, Figure, Finding, Goal, Series, Unit, compared, missing
from suite.photos import PNG, twelve_megapixels
from suite.plain import plain_function
from suite.turns import Turns
from suite.variants import agreements, prepared

PLAIN = "plain"
ENGINES = ("onnx", "onnx-int8", "torch")
# Calls of each function in a round, after its cold one.
CALLS = {"png": 5, "jpeg": 3}
# Networks of the same weights in float32 may differ by this much in a probability.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Aim:
    """A goal for each of ``ENGINES``, if any. With ``fast`` it is for the function that decodes so."""

    what: str
    series: str
    limits: tuple[float | None, ...]
    unit: Unit = "s"
    fast: bool = False


AIMS = (
    Aim("cold call", "cold", (0.14, 0.09, 0.60)),
    Aim("warm call, 451x300 PNG", "png", (0.32, 0.15, 0.50)),
    Aim("warm call, 12-megapixel JPEG, exact decode", "jpeg", (0.50, 0.38, 0.62)),
    Aim("warm call, 12-megapixel JPEG, fast decode", "jpeg", (0.26, 0.15, 0.40), fast=True),
    Aim("max memory", "png memory", (0.33, 0.13, 0.80), "B"),
    Aim("max memory, after the 12-megapixel JPEG", "jpeg memory", (None, None, None), "B"),
)


@dataclass(frozen=True)
class Subject:
    """A function, its callers by photograph, and what was found of it by the names of series."""

    emulated: EmulatedLambda
    callers: dict[str, Caller]
    found: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def cold(self) -> None:
        self.emulated.force_cold()
        self.found["cold"].append(self.callers["png"].took_s())

    def warm(self, photo: str) -> None:
        self.found[photo].append(self.callers[photo].took_s())

    def answer(self, photo: str) -> bytes:
        return self.callers[photo].call().answer

    def note_memory(self, series: str) -> None:
        """The latest REPORT line's maximum, which only grows while the environment lives."""
        self.emulated.settle("")  # the line is written after the answer
        reports = filter(None, map(parse_report, reversed(self.emulated.log_lines())))
        self.found[series].append(float(next(reports).max_memory_used_bytes))


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    model, reasons = prepared(ENGINES, progress, "fast")
    engines = [name for name in ENGINES if name not in reasons]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        jpeg, limiter = twelve_megapixels(), choose()[0]
        functions = {PLAIN: plain_function(model, Path(folder))}
        for name in engines:
            functions |= {name: ours(model, name), f"{name} fast": ours(model, name, decode="fast")}
        subjects = {name: opened(stack, function, limiter, jpeg) for name, function in functions.items()}
        checks = [alike(name, subjects[name], subjects[PLAIN]) for name in engines if registered(name).is_exact]
        checks += [decodes_fast(name, subjects[f"{name} fast"]) for name in engines]
        measure(subjects, Turns("emulated Lambda", rounds, progress))
    return [*rows(subjects, reasons), *checks, *agreements(model, engines, "fast")]


def ours(model: Model, engine: str, decode: Decode = "exact") -> Function:
    """This program's own handler."""
    variables = handler_variables(model, engine, "auto", decode)
    return Function(HANDLER, name=f"{engine}-{decode}", task_root=str(model.folder), variables=variables)


def opened(stack: ExitStack, function: Function, limiter: Limiter, jpeg: bytes) -> Subject:
    emulated = stack.enter_context(EmulatedLambda(function, limiter))
    url = emulated.url + CLASSIFY_PATH
    png = PNG.read_bytes()
    return Subject(emulated, {"png": Caller(url, png, "image/png"), "jpeg": Caller(url, jpeg, "image/jpeg")})


def measure(subjects: dict[str, Subject], turns: Turns) -> None:
    """A round: all cold, then the small photograph, then the large one, which needs more memory."""
    for _ in turns:
        for name in turns.order(list(subjects)):
            subjects[name].cold()
        for photo, calls in CALLS.items():
            for _ in range(calls):
                for name in turns.order(list(subjects)):
                    subjects[name].warm(photo)
            for subject in subjects.values():
                subject.note_memory(f"{photo} memory")


def rows(subjects: dict[str, Subject], reasons: dict[str, Skipped]) -> Iterator[Figure]:
    plain = subjects[PLAIN]
    for aim in AIMS:
        for engine, limit in zip(ENGINES, aim.limits, strict=True):
            what, goal = f"{aim.what}: {engine}", None if limit is None else Goal(limit)
            if engine in reasons:
                yield missing(what, reasons[engine], goal)
                continue
            subject = subjects[f"{engine} fast" if aim.fast else engine]
            above, below = (side.found[aim.series] for side in (subject, plain))
            yield compared(what, Series(engine, above, aim.unit), Series(PLAIN, below, aim.unit), goal)


def alike(name: str, subject: Subject, plain: Subject) -> Check:
    """The same top five for both photographs."""
    difference, same = 0.0, True
    for photo in CALLS:
        theirs = msgspec.json.decode(plain.answer(photo))["predictions"]
        wanted = [(each["name"], each["probability"]) for each in theirs]
        found = [(each.name, each.probability) for each in decode_answer(subject.answer(photo)).predictions]
        same &= [label for label, _ in found] == [label for label, _ in wanted]
        difference = max(difference, *(abs(a - b) for (_, a), (_, b) in zip(found, wanted, strict=True)))
    return Check(
        what=f"{name} answers as the plain design",
        holds=same and difference <= TOLERANCE,
        found=f"top five {'the same' if same else 'different'}, probabilities within {difference:.1e}",
    )


def decodes_fast(name: str, subject: Subject) -> Check:
    """What is measured as the fast decode has to be it."""
    decode = decode_answer(subject.answer("jpeg")).runtime.decode
    return Check(what=f"{name} decodes as it was told", holds=decode == "fast", found=f"it says: {decode}")
