"""Memory taken apart: what each step of a fresh process holds, and what base64 and JSON add to its peak.

All medians are over processes, and all memory is by the kernel's own account of each process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from resnet_bench.analysis.estimates import Estimate, Pairing
from resnet_bench.benchmark.stats import median
from resnet_bench.results.memory import Body, MemoryStep
from resnet_bench.results.run import Run


@dataclass(frozen=True)
class Growth:
    """One step: medians in bytes. ``peak`` is the high-water mark within the step, ``None`` where it is not known."""

    name: str
    grew: float
    resident: float
    peak: float | None


@dataclass(frozen=True, eq=False)
class Held:
    """One engine's processes. ``with_request`` got the image as ``body`` carries it, ``from_file`` as plain bytes.

    ``extra`` is what the request adds to the peak of a whole process, within pairs; ``None`` where peaks are not known.
    """

    engine: str
    image: str
    body: Body
    processes: int
    with_request: tuple[Growth, ...]
    from_file: tuple[Growth, ...]
    extra: Estimate | None


def held(run: Run, engine: str) -> Held | None:
    """``None`` if ``run`` has no memory steps of that engine."""
    steps = [step for step in run.memory_steps if step.engine == engine]
    body = next((step.body for step in steps if step.body != "file"), None)
    if body is None:
        return None
    apart = {each: _processes(steps, each) for each in (body, "file")}
    numbers = sorted(set(apart[body]) & set(apart["file"]))
    if not numbers:
        return None
    # A process that has ended early has fewer steps, and no peak to be compared with.
    names = max((_names(apart[body][number]) for number in numbers), key=len)
    numbers = [number for number in numbers if _names(apart[body][number]) == names == _names(apart["file"][number])]
    if not numbers:
        return None
    image = steps[0].image
    return Held(
        engine=engine,
        image=image,
        body=body,
        processes=len(numbers),
        with_request=tuple(_growths([apart[body][number] for number in numbers])),
        from_file=tuple(_growths([apart["file"][number] for number in numbers])),
        extra=_extra([(_peak(apart[body][number]), _peak(apart["file"][number])) for number in numbers], image),
    )


def _processes(steps: list[MemoryStep], body: str) -> dict[int, list[MemoryStep]]:
    found: dict[int, list[MemoryStep]] = {}
    for step in steps:
        if step.body == body:
            found.setdefault(step.number, []).append(step)
    return found


def _names(process: list[MemoryStep]) -> list[str]:
    return [step.name for step in process]


def _growths(processes: list[list[MemoryStep]]) -> Iterator[Growth]:
    for index, step in enumerate(processes[0]):
        after = [process[index].rss_bytes for process in processes]
        before = [process[index - 1].rss_bytes if index else 0 for process in processes]
        peaks = [peak for process in processes if isinstance(peak := process[index].peak_rss_bytes, int)]
        yield Growth(
            name=step.name,
            grew=median([late - early for late, early in zip(after, before, strict=True)]),
            resident=median(after),
            peak=median(peaks) if peaks else None,
        )


def _peak(process: list[MemoryStep]) -> int | None:
    """Of the whole process: the highest of its steps'."""
    return max((step.peak_rss_bytes for step in process if isinstance(step.peak_rss_bytes, int)), default=None)


def _extra(pairs: list[tuple[int | None, int | None]], image: str) -> Estimate | None:
    known = [(above, below) for above, below in pairs if above is not None and below is not None]
    if not known:
        return None
    return Pairing([image] * len(known)).difference([each[0] for each in known], [each[1] for each in known])
