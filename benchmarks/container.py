"""The emulated Lambda from a container image beside the same handler in a plain process.

    resnet-bench image build --weights random
    python benchmarks/container.py [--image resnet-bench:onnx-x86_64] [--pairs 60] [--colds 6]

Both run ONNX at 1024 MB on the same photograph and take turns; medians of the client's times, and their ratio with its
interval. The interpreter is this machine's on one side and the image's on the other. Without such an image, or without
docker or podman, there is nothing to measure, and it says so.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack, closing
from pathlib import Path

from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.stats import median
from resnet_bench.cli.options import RemoteOptions, SideOptions
from resnet_bench.cli.progress import SilentDisplay
from resnet_bench.cli.targets import target_for
from resnet_bench.cli.targets.base import Means
from resnet_bench.errors import ContainerError
from resnet_bench.inference.model import prepare
from resnet_bench.results.records import ClientTimes
from resnet_bench.runners.base import Photo, Runner
from resnet_bench.sandbox.limits import choose

PHOTO = Photo("chelsea.png", str(Path(__file__).resolve().parents[1] / "images" / "chelsea.png"))
PROCESS, CONTAINER = "process", "container"


def took_s(runner: Runner) -> float:
    client = runner.classify(PHOTO).client
    assert isinstance(client, ClientTimes)
    return client.total_s


def measure(runners: dict[str, Runner], rounds: int, *, cold: bool) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in runners}
    for number in range(rounds):
        names = list(runners) if number % 2 else list(runners)[::-1]
        for name in names:
            if cold:
                runners[name].force_cold()
            times[name].append(took_s(runners[name]))
    return times


def show(what: str, times: dict[str, list[float]]) -> None:
    ratio = paired_ratio(times[CONTAINER], times[PROCESS])
    shown = "too few for an interval"
    if ratio is not None and ratio.interval is not None:
        shown = f"{ratio.value:.2f} [{ratio.interval.low:.2f}, {ratio.interval.high:.2f}]"
    medians = "  ".join(f"{name} {median(series) * 1e3:7.1f} ms" for name, series in times.items())
    print(f"{what:5} {medians}   container over process {shown}, {len(times[PROCESS])} pairs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", default="resnet-bench:onnx-x86_64")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--colds", type=int, default=6)
    options = parser.parse_args()
    with ExitStack() as stack:
        means = Means(lambda: prepare("random", ["onnx"]), choose()[0], SilentDisplay(), stack)
        runners: dict[str, Runner] = {}
        for name, remote in ((PROCESS, RemoteOptions()), (CONTAINER, RemoteOptions(image=options.image))):
            target, _ = target_for(SideOptions("auto", "random", "auto", 1024, remote=remote))
            try:
                _, runner = target.open("onnx", means)
            except ContainerError as error:
                print(f"nothing to measure: {error.message}; {error.hint}")
                return
            runners[name] = stack.enter_context(closing(runner))
        show("cold", measure(runners, options.colds, cold=True))
        measure(runners, 5, cold=False)
        show("warm", measure(runners, options.pairs, cold=False))


if __name__ == "__main__":
    main()
