"""One run of ``explain``: the calls on every rung, then memory, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from resnet_bench.benchmark.schedule import Place, Schedule, plan
from resnet_bench.cli.options import OutputOptions, SideOptions
from resnet_bench.cli.photos import CheckedPhoto
from resnet_bench.cli.progress import display
from resnet_bench.cli.rungs import Given, add_rungs
from resnet_bench.cli.session import Session
from resnet_bench.cli.settings import settings_for
from resnet_bench.cli.targets.base import Target
from resnet_bench.errors import ResnetBenchError
from resnet_bench.results.files import rewrite
from resnet_bench.results.run import Run
from resnet_bench.runners.memory_steps import memory_steps

# Of processes whose memory is taken apart, with base64 and without: the fewest of which an interval exists.
_MEMORY_PAIRS = 6


def measure(
    sides: SideOptions,
    target: Target,
    engines: Sequence[str],
    photos: Sequence[CheckedPhoto],
    output: OutputOptions,
    *,
    runs: int,
    warmup: int,
    cold: int,
) -> tuple[Run, Path | None]:
    """The finished run, and where it was saved.

    Raises:
        ResnetBenchError: it could not be measured; what was, is saved, and a note says where.
    """
    with Session(sides, engines, display(quiet=output.quiet)) as session:
        given = {engine: add_rungs(session, target, engine, photos[0][0]) for engine in engines}
        settings = settings_for(
            "explain",
            sides,
            engines=engines,
            memory_mb=given[engines[0]].memory_mb,
            runs=runs,
            warmup=warmup,
            cold=cold,
        )
        schedule = _schedule(
            list(session.runners), images=len(photos), runs=runs, warmup=warmup, cold=cold, seed=sides.seed
        )
        run, saved = session.measure(schedule, settings, photos, output)
        try:
            return _with_memory(run, saved, session, given, photos)
        except (ResnetBenchError, KeyboardInterrupt) as error:
            if saved is not None:
                error.add_note(f"all calls were measured, and are safe: resnet-bench show {saved}")
            raise


def _schedule(places: Sequence[Place], *, images: int, runs: int, warmup: int, cold: int, seed: int) -> Schedule:
    """Cold starts of the two ends alone, with warm-ups before and after; then warm calls on every rung."""
    ends = [place for place in places if not place.variant]
    between = [place for place in places if place.variant]
    parts = (
        plan(ends, images=images, runs=0, warmup=warmup, cold=cold, seed=seed),
        plan(between, images=images, runs=0, warmup=warmup, cold=0, seed=seed),
        plan(places, images=images, runs=runs, warmup=0, cold=0, seed=seed),
    )
    return Schedule(tuple(block for part in parts for block in part.blocks))


def _with_memory(
    run: Run, saved: Path | None, session: Session, given: Mapping[str, Given], photos: Sequence[CheckedPhoto]
) -> tuple[Run, Path | None]:
    """Memory is taken apart with the largest image, for which base64 counts most."""
    largest, _ = max(photos, key=lambda photo: photo[1].size_bytes)
    steps = tuple(
        step
        for engine, (_, threads) in given.items()
        for step in memory_steps(
            engine,
            session.model,
            threads,
            largest,
            session.means.limiter,
            raw=session.sides.remote.raw,
            decode=session.decode,
            pairs=_MEMORY_PAIRS,
            progress=session.display,
        )
    )
    whole = replace(run, memory_steps=steps)
    if saved is not None:
        rewrite(saved, whole)
    return whole, saved
