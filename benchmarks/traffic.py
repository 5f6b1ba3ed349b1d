"""How long ten million simulated requests take on each side, and what memory: the goal is 30 s on one core, bounded.

python benchmarks/traffic.py [--requests 10000000]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

from resnet_bench.analysis.traffic.draws import Measured
from resnet_bench.analysis.traffic.outcome import Outcome
from resnet_bench.analysis.traffic.patterns import Steady
from resnet_bench.analysis.traffic.servers import Autoscaling
from resnet_bench.analysis.traffic.simulate import Calls, Function, Server, simulate_lambda, simulate_servers

RATE = 100.0


def calls(seconds: float) -> Calls:
    """Sixty calls as ``compare`` measures them, about ``seconds`` long."""
    drawn = Measured.of(np.random.default_rng(1).lognormal(np.log(seconds), 0.1, 60).tolist())
    return Calls(drawn, drawn, drawn)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000_000)
    count = parser.parse_args().requests
    arrivals = Steady(RATE, count / RATE)
    service = calls(0.12).total
    runs: dict[str, Callable[[], Outcome]] = {
        "Lambda": lambda: simulate_lambda(arrivals, Function(calls(0.28), calls(1.0)), seed=1),
        "16 servers": lambda: simulate_servers(arrivals, Server(service, 1, 16), seed=1),
        "autoscaled servers": lambda: simulate_servers(arrivals, Server(service, 1, Autoscaling()), seed=1),
    }
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} requests at {RATE:g} a second; {before_mb:.0f} MB before")
    for name, run in runs.items():
        began_s = time.process_time()
        outcome = run()
        took_s = time.process_time() - began_s
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        p99 = outcome.percentile(99)
        print(
            f"{name}: {took_s:.1f} s of CPU, {took_s / outcome.simulated_count * 1e6:.2f} us a request; "
            f"peak {peak_mb:.0f} MB; p99 {p99.value * 1000:.0f} ms"
        )


if __name__ == "__main__":
    main()
