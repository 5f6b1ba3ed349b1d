"""The options of a run as the settings that its result keeps."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.cli.options import SideOptions, parse_threads
from resnet_bench.results.run import Command, Settings
from resnet_bench.units import MIB


def warm_calls(calls: int, cold: int, *, images: int) -> int:
    """How many of ``calls`` are left to be warm where the first ``cold`` ones are cold.

    Of one image the cold call is one of its calls. Of several it is an extra: whichever it meets, each image still
    gets as many warm calls as the others.
    """
    return calls - cold if images == 1 else calls


def settings_for(
    command: Command,
    sides: SideOptions,
    *,
    engines: Sequence[str],
    memory_mb: int | None,
    runs: int,
    warmup: int,
    cold: int,
    interval_s: float = 0.0,
) -> Settings:
    return Settings(
        command=command,
        engines=tuple(engines),
        runs=runs,
        warmup=warmup,
        cold=cold,
        interval_s=interval_s,
        seed=sides.seed,
        memory_bytes=None if memory_mb is None else memory_mb * MIB,
        threads=parse_threads(sides.threads),
        weights=sides.weights,
        decode=sides.network.decode or "exact",
        raw_body=sides.remote.raw,
        via="invoke" if sides.remote.via == "invoke" else "http",
        limiter=sides.limiter,
    )
