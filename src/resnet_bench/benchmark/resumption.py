"""Going on with an interrupted run: which of its calls are left, and whether this is still the same experiment.

The schedule is made again from the settings, and what was called is left out. A block that the interruption tore is
measured again as a whole: half of a pair before the interruption and half after it would be no pair. Behind the seam
both sides are new processes, so that warm-ups come first, with numbers of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from resnet_bench.benchmark.diff import Unlike
from resnet_bench.benchmark.schedule import Block, Place, Schedule, warmups
from resnet_bench.results.records import Answer, Phase, RuntimeFacts, Sample
from resnet_bench.results.run import Deployment, Enforcement, Environment
from resnet_bench.units import format_bytes

TORN = "the interruption tore their block, which was measured again as a whole"
# A kernel keeps a little more or less for itself.
_SAME_MEMORY = 0.01

# Where a call stands in the schedule; the schedule makes each once.
_Key = tuple[Phase, int, Place]


@dataclass(frozen=True)
class Rest:
    """``schedule`` is what is left to be called, warm-ups first, and empty where nothing is.

    ``kept`` are the samples that stay in the run, ``aside`` those of a torn block.
    """

    schedule: Schedule
    kept: tuple[Sample, ...]
    aside: tuple[Sample, ...]


def rest(schedule: Schedule, samples: Sequence[Sample], *, images: int, warmup: int, seed: int) -> Rest:
    """What is left of ``schedule`` after ``samples``; a call that failed is done like any other.

    There is one warm-up at least: by its answers the sides are known again.
    """
    done = {_key(sample) for sample in samples}
    left = [block for block in schedule.blocks if not _keys(block) <= done]
    torn = {key for block in left for key in _keys(block)} & done
    kept = tuple(sample for sample in samples if _key(sample) not in torn)
    aside = tuple(sample for sample in samples if _key(sample) in torn)
    if not left:
        return Rest(Schedule(()), kept, aside)
    taken = [block.pair for block in schedule.blocks if block.phase == "warmup"]
    taken += [sample.pair for sample in samples if sample.phase == "warmup"]
    first = max(taken, default=-1) + 1
    places = [call.place for call in left[0].calls]
    again = warmups(sorted(places), range(first, first + max(1, warmup)), images=images, seed=seed)
    return Rest(Schedule((*again, *left)), kept, aside)


def _key(sample: Sample) -> _Key:
    return sample.phase, sample.pair, Place(sample.engine, sample.side, sample.variant)


def _keys(block: Block) -> set[_Key]:
    return {(block.phase, block.pair, call.place) for call in block.calls}


def other_machine(before: Environment, now: Environment) -> tuple[Unlike, ...]:
    """How this machine is not what it was; its load may be another."""
    pairs = {
        "system": (before.os, now.os),
        "CPU model": (before.cpu_model, now.cpu_model),
        "CPUs": (str(before.cpus_count), str(now.cpus_count)),
        "Python": (before.python, now.python),
    }
    if abs(before.memory_bytes - now.memory_bytes) > _SAME_MEMORY * before.memory_bytes:
        pairs["memory of this machine"] = (format_bytes(before.memory_bytes), format_bytes(now.memory_bytes))
    # What was not installed then cannot have had a part in the run, which goes on with the engines that it had.
    for name, version in sorted(before.versions.items()):
        pairs[name] = (version, now.versions.get(name, "none"))
    return tuple(_unlike(pairs))


def other_deployment(before: Deployment | None, now: Deployment | None) -> tuple[Unlike, ...]:
    """How the remote side, or what it is limited by, is not what it was."""
    return tuple(_unlike_fields(_deployed(before), _deployed(now)))


def _deployed(deployment: Deployment | None) -> dict[str, str]:
    if deployment is None:
        return {"remote side": "none"}
    return {
        "remote side": deployment.kind,
        "memory": "not known" if deployment.memory_bytes is None else format_bytes(deployment.memory_bytes),
        "CPU share": "not known" if deployment.cpu_share is None else f"{deployment.cpu_share:.3f}",
        "vCPUs": str(deployment.vcpus_count),
        "limits": _limits(deployment.enforcement),
        "architecture": str(deployment.architecture),
        "region": str(deployment.region),
        "stack": str(deployment.stack),
        "function": str(deployment.function),
    }


def _limits(how: Enforcement) -> str:
    missing = [
        f", {what} not limited" for what, held in (("CPU", how.cpu_limited), ("memory", how.memory_limited)) if not held
    ]
    return how.mechanism + "".join(missing)


def other_answers(before: Iterable[Sample], now: Iterable[Sample]) -> tuple[Unlike, ...]:
    """What ran and runs at the places that both have answers of: weights, engine, versions, threads."""
    first, second = _facts(before), _facts(now)
    return tuple(
        Unlike(f"{what} of {place.engine} {'here' if place.side == 'local' else 'on Lambda'}", old, new)
        for place in first
        if place in second
        for what, old, new in _differing(first[place], second[place])
    )


def _facts(samples: Iterable[Sample]) -> dict[Place, RuntimeFacts]:
    """By the last answer of each place."""
    return {
        Place(sample.engine, sample.side, sample.variant): sample.outcome.runtime
        for sample in samples
        if isinstance(sample.outcome, Answer)
    }


def _differing(before: RuntimeFacts, now: RuntimeFacts) -> Iterator[tuple[str, str, str]]:
    """The processor is no part of it: on Lambda it is another from one environment to the next."""
    pairs = {
        "weights": (_weights(before), _weights(now)),
        "precision": (before.precision, now.precision),
        "decoding": (before.decode, now.decode),
        "threads": (str(before.threads_count), str(now.threads_count)),
        "vCPUs": (str(before.vcpus_count), str(now.vcpus_count)),
        "Python": (before.python, now.python),
        "calibration": (_agreed(before), _agreed(now)),
    }
    for name in sorted({*before.versions, *now.versions}):
        pairs[name] = (before.versions.get(name, "none"), now.versions.get(name, "none"))
    return ((one.what, one.before, one.after) for one in _unlike(pairs))


def _weights(facts: RuntimeFacts) -> str:
    return f"{facts.weights} {facts.weights_sha256[:12]}"


def _agreed(facts: RuntimeFacts) -> str:
    return ", ".join(f"{one.subject} on images {one.images_sha256[:12]}" for one in facts.agreements) or "none"


def _unlike(pairs: Mapping[str, tuple[str, str]]) -> Iterator[Unlike]:
    return (Unlike(what, before, now) for what, (before, now) in pairs.items() if before != now)


def _unlike_fields(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Unlike]:
    names = dict.fromkeys((*before, *now))
    return _unlike({name: (before.get(name, "none"), now.get(name, "none")) for name in names})
