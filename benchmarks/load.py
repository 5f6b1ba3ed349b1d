"""What the clients of ``resnet-bench load`` cost themselves, and what saving every call does to them.

    python benchmarks/load.py [--seconds 3] [--rounds 6]

A server that answers at once and always the same, in a process of its own (the null system of MLPerf's LoadGen), is
called by 1 to 16 clients, with a result file and without one, in random order. The rate is the most that the clients
can measure: a side whose throughput comes near it is measured too low. Goal: saving costs less than a tenth of the
rate. Clients and server share this machine's CPUs.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from resnet_bench.benchmark.clients import Clients
from resnet_bench.benchmark.load import Level, samples
from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.stats import median
from resnet_bench.results.files import ResultWriter
from resnet_bench.results.levels import LoadClients
from resnet_bench.runners.base import Photo
from resnet_bench.runners.remote import RemoteRunner
from resnet_bench.runners.shared import SharedEndpoint
from suite.null_server import null_server
from suite.photos import PNG

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from factories import make_run  # noqa: E402

PHOTO = Photo(PNG.name, str(PNG))
LEVELS = (1, 4, 16)
GOAL = 0.9


def loaded(url: str, count: int, seconds: float, writer: ResultWriter | None) -> tuple[float, LoadClients]:
    """Calls a second, and what was seen of the clients."""
    runners = [RemoteRunner(SharedEndpoint(url), "torch") for _ in range(count)]
    clients = Clients(runners, [PHOTO], seconds)
    calls = 0
    for sample in samples(Level("torch", "remote", count), clients):
        calls += 1
        if writer is not None:
            writer.add(sample)
    for runner in runners:
        runner.close()
    return calls / clients.seen().elapsed_s, clients.seen()


def measured(url: str, count: int, seconds: float, rounds: int) -> bool:
    """Print a level's line; whether the goal was met, as far as that can be told."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    seen = None
    for _ in range(rounds):
        for saving in random.sample((True, False), 2):
            with tempfile.TemporaryDirectory() as folder:
                writer = ResultWriter(make_run(samples=()), Path(folder) / "run.json") if saving else None
                rate, seen = loaded(url, count, seconds, writer)
                rates[saving].append(rate)
    assert seen is not None
    ratio = paired_ratio(rates[True], rates[False], [PHOTO.name] * rounds)
    assert ratio is not None
    inside = "too few rounds for an interval"
    if ratio.interval is not None:
        inside = f"[{ratio.interval.low:.2f}, {ratio.interval.high:.2f}]"
    print(
        f"{count:>3} clients: {median(rates[False]):6.0f} calls/s, saved {median(rates[True]):6.0f}: "
        f"{ratio.value:.2f} {inside}; clients' CPUs {seen.cpu_s / seen.elapsed_s:.2f}, "
        f"between calls {(seen.between_s or 0) * 1e6:.0f} us"
    )
    return ratio.interval is None or ratio.interval.high >= GOAL


def main() -> None:
    parser = argparse.ArgumentParser(description="What the clients of `resnet-bench load` cost themselves.")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=6)
    asked = parser.parse_args()
    with null_server() as url:
        met = [measured(url, count, asked.seconds, asked.rounds) for count in LEVELS]
    if not all(met):
        raise SystemExit(f"saving costs more than {1 - GOAL:.0%} of the rate")


if __name__ == "__main__":
    main()
