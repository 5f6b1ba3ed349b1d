"""One whole comparison whose sides classify nothing: ``python -m suite.null_run PAIRS``, where its cost goes.

All that ``compare`` does around the calls is done: schedule, live progress, the result file that is saved after each
sample, late figures, checks, the page. Prints a ``Cost`` as JSON.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from resnet_bench.benchmark.schedule import Place, both_sides, plan
from resnet_bench.cli.options import OutputOptions, SideOptions
from resnet_bench.cli.output import show_run
from resnet_bench.cli.photos import open_photos
from resnet_bench.cli.progress import LineDisplay
from resnet_bench.cli.session import Session, settings_for
from resnet_bench.results.run import Deployment, Enforcement
from resnet_bench.units import MIB
from suite.null_sides import ENGINE, NullSide

_WARMUP, _COLD, _SEED = 3, 3, 0
# From this call on is measured: what is made once, and grows with the first samples, is there by then.
_SETTLED = 500
_PHOTO = Path(__file__).resolve().parents[2] / "images" / "chelsea.png"


class Cost(msgspec.Struct, frozen=True):
    """``sample_s`` and ``sample_bytes`` are per sample while it is measured; ``saved_s`` is from the last call to the
    finished file, ``shown_s`` from there to the end of the printed page."""

    sample_s: float
    sample_bytes: float
    saved_s: float
    shown_s: float


@dataclass
class Watch:
    """Time and memory at one call and at the last."""

    last: int
    count: int = 0
    began_s: float = 0.0
    ended_s: float = 0.0
    began_bytes: int = 0
    ended_bytes: int = 0

    def call(self) -> None:
        self.count += 1
        if self.count == _SETTLED:
            self.began_s, self.began_bytes = time.perf_counter(), _anonymous_bytes()
        elif self.count == self.last:
            self.ended_s, self.ended_bytes = time.perf_counter(), _anonymous_bytes()


def _anonymous_bytes() -> int:
    """Resident memory without the pages of files (proc(5), ``RssAnon``)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon:"))


def cost_of(pairs: int, folder: Path) -> Cost:
    sides = SideOptions(threads="1", weights="random", limiter="none", memory_mb=1024)
    output = OutputOptions(json=False, save=folder / "run.json", no_save=False, csv=None, quiet=False, verbose=False)
    settings = settings_for("compare", sides, engines=[ENGINE], memory_mb=1024, runs=pairs, warmup=_WARMUP, cold=_COLD)
    schedule = plan(both_sides([ENGINE]), images=1, runs=pairs, warmup=_WARMUP, cold=_COLD, seed=_SEED)
    watch = Watch(last=sum(len(block.calls) for block in schedule.blocks))
    with _quiet(), Session(sides, [ENGINE], LineDisplay()) as session:
        for side in ("local", "remote"):
            session.add(Place(ENGINE, side), NullSide(side, watch.call))
        session.deployment = _DEPLOYMENT
        run, saved = session.measure(schedule, settings, open_photos([_PHOTO], remote=True), output)
        saved_s = time.perf_counter()
        show_run(run, output, saved)
    calls = watch.last - _SETTLED
    return Cost(
        sample_s=(watch.ended_s - watch.began_s) / calls,
        sample_bytes=(watch.ended_bytes - watch.began_bytes) / calls,
        saved_s=saved_s - watch.ended_s,
        shown_s=time.perf_counter() - saved_s,
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What a terminal would show goes nowhere, through the same calls."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stderr(nowhere),
        contextlib.redirect_stdout(nowhere),
    ):
        yield


_DEPLOYMENT = Deployment(
    kind="emulated",
    memory_bytes=1024 * MIB,
    cpu_share=0.579,
    vcpus_count=1,
    enforcement=Enforcement(mechanism="none", cpu_limited=False, memory_limited=False, description="nothing runs"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(msgspec.json.encode(cost_of(int(sys.argv[1]), Path(folder))).decode())


if __name__ == "__main__":
    main()
