"""A watch that loses its network: half an hour, a call to each side every 30 s, and two minutes without a way there.

    python benchmarks/watch.py [--how silent|refused] [--runs 60] [--interval 30] [--after 840] [--lost 120]

``emulate`` serves an emulated Lambda (ONNX Runtime, random weights), ``compare --url`` watches it through a relay that
loses all packets (``silent``) or resets and refuses connections (``refused``) for ``--lost`` seconds, ``--after`` the
first watched call. Goals: the program ends with 0, each scheduled call is one sample, and those that failed say why.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from resnet_bench.benchmark.schedule import both_sides, plan
from resnet_bench.results.files import load
from resnet_bench.results.records import Failed, Sample
from resnet_bench.results.run import Run

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from networks import Network  # noqa: E402
from program import CAT, Done, started  # noqa: E402

ENGINE = ("--engine", "onnx", "--weights", "random")
WARMUP = 3


def watched(asked: argparse.Namespace, folder: Path) -> Done:
    (folder / "function").mkdir(parents=True)
    with started("emulate", *ENGINE, folder=folder / "function") as function:
        parts = urlsplit(function.wait_for(r"HTTP API +(\S+)")[1])
        assert parts.hostname
        assert parts.port
        with Network((parts.hostname, parts.port)) as network:
            pace = ("--runs", str(asked.runs), "--interval", str(asked.interval), "--warmup", str(WARMUP))
            saved = ("--save", folder / "watch.json", "--html", folder / "watch.html")
            with started(
                "compare", CAT, "--url", network.url, "--cold", "0", *ENGINE, *pace, *saved, folder=folder
            ) as watch:
                watch.wait_for("measuring 1 of|measuring [0-9]+ of")
                time.sleep(asked.after)
                network.lose(asked.how)
                time.sleep(asked.lost)
                network.restore()
                code = watch.process.wait(asked.runs * asked.interval + 600)
                done = Done(code, watch.out, watch.err)
        function.end()
    return done


def findings(run: Run, asked: argparse.Namespace) -> Iterator[str]:
    failed = [sample for sample in run.samples if isinstance(sample.outcome, Failed)]
    yield f"calls: {len(run.samples)}, failed: {len(failed)}, repeated and answered: {len(repeated(run))}"
    reasons = Counter((sample.side, sample.outcome.error, sample.outcome.message) for sample in failed)  # type: ignore[union-attr]
    for (side, error, message), count in reasons.most_common():
        yield f"  {count} x {side} {error}: {message}"
    planned = plan(both_sides(["onnx"]), images=1, runs=asked.runs, warmup=WARMUP, cold=0, seed=0)
    wanted = Counter((block.phase, block.pair, call.place.side) for block in planned.blocks for call in block.calls)
    made = Counter((sample.phase, sample.pair, sample.side) for sample in run.samples)
    yield f"each scheduled call is one sample: {'yes' if wanted == made else f'NO: {made - wanted}, {wanted - made}'}"


def repeated(run: Run) -> list[Sample]:
    return [sample for sample in run.samples if sample.attempts and not isinstance(sample.outcome, Failed)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--how", choices=("silent", "refused"), default="silent")
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--interval", type=float, default=30.0)
    parser.add_argument("--after", type=float, default=840.0)
    parser.add_argument("--lost", type=float, default=120.0)
    parser.add_argument(
        "--output", type=Path, help="a folder to be made, for the result file; default: a temporary one"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.output or Path(temporary) / "watch"
        begun_s = time.monotonic()
        done = watched(asked, folder)
        print(f"{asked.how}, lost for {asked.lost:g} s: exit code {done.code} after {time.monotonic() - begun_s:.0f} s")
        if done.code:
            print(done.err)
        else:
            print("\n".join(findings(load(folder / "watch.json"), asked)))
    sys.exit(done.code)


if __name__ == "__main__":
    main()
