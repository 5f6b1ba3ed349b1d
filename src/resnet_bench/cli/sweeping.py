"""A memory sweep, measured: one function at all its sizes, as one ordinary run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from resnet_bench.benchmark.schedule import Place
from resnet_bench.benchmark.sweep import sized_places, sweep, variant_of
from resnet_bench.benchmark.tolerance import HopelessPlaces
from resnet_bench.cli.options import OutputOptions, SideOptions
from resnet_bench.cli.photos import CheckedPhoto
from resnet_bench.cli.progress import display
from resnet_bench.cli.session import Session
from resnet_bench.cli.settings import settings_for
from resnet_bench.cli.targets.base import Target
from resnet_bench.results.run import Run
from resnet_bench.runners.sized import sized


def measure(
    sides: SideOptions,
    target: Target,
    engines: Sequence[str],
    sizes_mb: Sequence[int],
    photos: Sequence[CheckedPhoto],
    output: OutputOptions,
    *,
    runs: int,
    warmup: int,
    cold: int,
) -> tuple[Run, Path | None]:
    """The finished run, whose samples say of which size they are, and where it was saved.

    What was changed of a deployed function is put back, also after an error or Ctrl-C.
    """
    settings = settings_for("tune", sides, engines=engines, memory_mb=None, runs=runs, warmup=warmup, cold=cold)
    schedule = sweep(
        sized_places(engines, sizes_mb), images=len(photos), runs=runs, warmup=warmup, cold=cold, seed=sides.seed
    )
    with Session(sides, engines, display(quiet=output.quiet)) as session:
        for engine in engines:
            _add(session, target, engine, sizes_mb)
        return session.measure(schedule, settings, photos, output, HopelessPlaces())


def _add(session: Session, target: Target, engine: str, sizes_mb: Sequence[int]) -> None:
    endpoint = session.add_remote(target, engine)
    below = session.runners[Place(engine, "remote")]
    for memory_mb, runner in sized(below, endpoint, sizes_mb).items():
        session.add(Place(engine, "remote", variant_of(memory_mb)), runner)
    assert session.deployment is not None  # noqa: S101 - add_remote has made it known
    # The run as a whole has no memory size, and nothing that follows from one.
    session.deployment = replace(session.deployment, memory_bytes=None, cpu_share=None, vcpus_count=None)
