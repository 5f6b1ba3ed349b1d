"""The engines: which can run here, and whether those that are prepared answer alike on the same picture."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from resnet_bench.benchmark.stats import median
from resnet_bench.diagnosis.answering import Answered, Question
from resnet_bench.diagnosis.examine import Told
from resnet_bench.diagnosis.figures import middle, reading
from resnet_bench.errors import ResnetBenchError
from resnet_bench.inference.available import Available, available
from resnet_bench.inference.exports.reference import TOLERANCE
from resnet_bench.inference.model import Model
from resnet_bench.processor import cpu_flags
from resnet_bench.results.diagnosis import Finding, Measured
from resnet_bench.runners.child import Child
from resnet_bench.sandbox.limits.unlimited import Unlimited

Ask = Callable[[str], Answered]
# The default command runs these.
USUAL = ("onnx", "torch")
# torch is what all weights are published for.
_REFERENCE = ("torch", "onnx")
_OTHERWISE = "it classifies otherwise than the network that it was made from"
_PREPARE = "remove its prepared folder, and let any command prepare it again"
_MODULE = "resnet_bench.diagnosis.answering"
# Instruction sets by which engines are quick, or a precision possible, by Linux's names.
_FEATURES = {
    "AVX2": ("avx2",),
    "AVX-512": ("avx512f",),
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "AMX": ("amx_tile",),
    "bf16": ("avx512_bf16", "amx_bf16"),
    "dot products": ("asimddp",),
}


class Engines:
    """``call_s`` is a warm call of the first usual engine that was asked, once they were examined."""

    def __init__(self, model: Model | None, *, calls: int, only: Sequence[str] | None = None) -> None:
        self._model, self._calls, self._only = model, calls, only
        self.call_s: float | None = None

    def examine(self, tell: Told) -> Iterator[Finding]:
        yield processor()
        found = available(self._model)
        yield from map(installed, found)
        if self._model is None:
            yield _unprepared()
            return
        asked = [one for one in found if one.prepared and one.obstacle is None]
        if self._only is not None:
            asked = [one for one in asked if one.variant.name in self._only]
        answers: dict[str, Answered] = {}
        for place, one in enumerate(asked):
            tell(f"asking {one.variant.name}", place / len(asked))
            answers[one.variant.name] = ask(one.variant.name, self._model, self._calls)
        self.call_s = next((median(answers[name].calls_s) for name in USUAL if _answered(answers, name)), None)
        yield from compared(asked, answers)


def ask(name: str, model: Model, calls: int) -> Answered:
    """The answer of an engine, from a process that ends with it; what goes wrong in there is an answer, too."""
    question = Question(name, str(model.folder), len(os.sched_getaffinity(0)), calls)
    child = Child(f"doctor {name}", _MODULE, [msgspec.json.encode(question).decode()], Unlimited())
    try:
        return msgspec.json.decode(child.ask(b""), type=Answered)
    except ResnetBenchError as error:
        return Answered(error=error.message)
    finally:
        child.end()


def processor() -> Finding:
    flags = cpu_flags()
    has = [name for name, any_of in _FEATURES.items() if flags & {*any_of}]
    return Finding(
        code="engines-processor",
        subject="engines",
        what="processor's instructions",
        verdict="ok",
        told=", ".join(has) or "none of those that engines are quick by",
    )


def installed(one: Available) -> Finding:
    """Whether a variant can run. What the default command runs must."""
    name, usual = one.variant.name, one.variant.name in USUAL
    if one.obstacle is None:
        return Finding(
            code="engines-installed",
            subject="engines",
            what=name,
            verdict="ok",
            told=f"{one.version}, {'prepared' if one.prepared else 'not prepared'}",
        )
    return Finding(
        code="engines-installed",
        subject="engines",
        what=name,
        verdict="fault" if usual else "not measured",
        told=one.obstacle.message,
        follows="the default command runs it" if usual else "",
        todo=one.obstacle.hint if usual else "",
        topics=("local timings", "ratios") if usual else (),
    )


def _unprepared() -> Finding:
    return Finding(
        code="engines-answers",
        subject="engines",
        what="answers of the engines",
        verdict="not measured",
        told="no weights are prepared",
        follows="whether engines answer alike here is known once they are; a command that measures checks it too",
        todo="any command that classifies prepares them: resnet-bench local IMAGE",
    )


def compared(asked: Sequence[Available], answers: Mapping[str, Answered]) -> Iterator[Finding]:
    """Each answer beside the reference's."""
    reference = next((name for name in _REFERENCE if _answered(answers, name)), None)
    for one in asked:
        name = one.variant.name
        if not _answered(answers, name):
            yield _no_answer(name, answers[name].error)
        elif name == reference:
            yield _reference_answer(name, answers[name])
        elif reference is not None:
            yield beside(one, answers[name], reference, answers[reference])


def _answered(answers: Mapping[str, Answered], name: str) -> bool:
    return name in answers and not answers[name].error


def _no_answer(name: str, error: str) -> Finding:
    usual = name in USUAL
    return Finding(
        code="engines-answers",
        subject="engines",
        what=f"{name}: answer",
        verdict="fault" if usual else "doubt",
        told=error,
        follows="the default command runs it" if usual else "--engine all and --precision all would fail",
        todo="resnet-bench engines tells what it needs; --engine chooses another",
        topics=("predictions", "ratios"),
    )


def _reference_answer(name: str, found: Answered) -> Finding:
    finite = all(logit is not None and math.isfinite(logit) for logit in found.logits)
    return Finding(
        code="engines-answers",
        subject="engines",
        what=f"{name}: answer",
        verdict="ok" if finite else "fault",
        told="what the others are compared with" if finite else "it is no number",
        measured=(middle("a warm call", found.calls_s, "seconds"),) if found.calls_s else (),
        follows="" if finite else _OTHERWISE,
        todo="" if finite else _PREPARE,
        topics=("predictions",),
    )


def beside(one: Available, found: Answered, reference: str, expected: Answered) -> Finding:
    """Exact variants must answer as the reference does; of others their agreement is known from preparing."""
    import numpy as np

    logits, others = (np.array(each.logits, dtype=np.float64) for each in (found, expected))
    difference = float(np.abs(logits - others).max())
    same1 = int(logits.argmax()) == int(others.argmax())
    shared = len({*np.argsort(-logits)[:5].tolist()} & {*np.argsort(-others)[:5].tolist()})
    told = f"logits {difference:.1e} from {reference}'s, top 1 {'the same' if same1 else 'another'}, {shared} of top 5"
    measured: list[Measured] = []
    if math.isfinite(difference):
        measured.append(reading("largest difference of logits", difference, "ratio"))
    if found.calls_s:
        measured.append(middle("a warm call", found.calls_s, "seconds"))
    finite = bool(np.isfinite(logits).all())
    alike = finite and (not one.variant.is_exact or (difference <= TOLERANCE and same1))
    if one.agreement is not None:
        held_out = one.agreement.held_out
        told += f"; when prepared as fp32 on {held_out.same_top1_count} of {held_out.images_count} held-out images"
    return Finding(
        code="engines-answers",
        subject="engines",
        what=f"{one.variant.name}: answer",
        verdict="ok" if alike else "fault",
        told=told,
        measured=tuple(measured),
        follows="" if alike else _OTHERWISE,
        todo="" if alike else _PREPARE,
        topics=("predictions",),
    )
