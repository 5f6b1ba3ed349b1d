"""A comparison that is killed (kill -9) again and again at random moments, and resumed until it is finished.

    python benchmarks/interrupted.py [--kills 20] [--seed 0]

Goals: each resumption finds all that was measured before, and in the merged run each scheduled call is one sample.
Emulated Lambda, ONNX Runtime, random weights; a run whose file was begun is always gone on with.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from resnet_bench.benchmark.schedule import both_sides, plan
from resnet_bench.errors import ResultError
from resnet_bench.results.files import load
from resnet_bench.results.records import Sample
from resnet_bench.results.run import Run

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from program import CAT, started  # noqa: E402

RUNS, WARMUP, COLD = 40, 1, 1
BEGIN = ("--engine", "onnx", "--weights", "random", "--runs", RUNS, "--warmup", WARMUP, "--cold", COLD)
LONGEST_S = 600.0


@dataclass(frozen=True)
class Moment:
    """So many more samples are in the file, and ``later_s`` has gone by; none: while it starts."""

    samples: int
    later_s: float

    @classmethod
    def drawn(cls, chance: random.Random) -> Moment:
        samples = chance.randrange(10)
        return cls(samples, chance.uniform(0.0, 1.0 if samples else 5.0))


def killed(folder: Path, arguments: Sequence[str], moment: Moment | None) -> bool:
    """Whether it had to be killed; False if it came to its end before."""
    already = len(measured(newest(folder)))
    with started("compare", CAT, *arguments, "--quiet", folder=folder) as running:
        deadline_s = time.monotonic() + LONGEST_S
        while time.monotonic() < deadline_s:
            code = running.process.poll()
            if code is not None:
                assert code == 0, running.err
                return False
            if moment is not None and len(measured(newest(folder))) >= already + moment.samples:
                time.sleep(moment.later_s)
                break
            time.sleep(0.02)
        running.process.kill()
        running.process.wait()
        running.assert_nothing_is_left()
        return True


def newest(folder: Path) -> Path | None:
    """What can be resumed: the journal, or the result if there is none."""
    return next((path for path in (folder / "run.partial.jsonl", folder / "run.json") if path.exists()), None)


def measured(path: Path | None) -> tuple[Sample, ...]:
    if path is None:
        return ()
    try:
        run = load(path)
    except ResultError:
        return ()  # killed while it wrote the first line
    return (*run.samples, *(sample for seam in run.seams for sample in seam.aside))


def key(sample: Sample) -> tuple[str, str]:
    return sample.started_at, sample.side


def one_run(folder: Path, chance: random.Random, kills_left: int) -> tuple[int, Run]:
    """How often it was killed, and the merged run."""
    kills, before = 0, set[tuple[str, str]]()
    while True:
        path = newest(folder)
        arguments = (
            ("--resume", str(path)) if measured(path) else (*map(str, BEGIN), "--save", str(folder / "run.json"))
        )
        if path is not None and not measured(path):
            path.unlink()
        was_killed = killed(folder, arguments, Moment.drawn(chance) if kills < kills_left else None)
        now = {key(sample) for sample in measured(newest(folder))}
        assert before <= now, f"lost: {before - now}"
        before = now
        if not was_killed:
            return kills, load(folder / "run.json")
        kills += 1


def faults(run: Run) -> Counter[tuple[str, int, str]]:
    """Scheduled calls that are not one sample; warm-ups behind a seam are not scheduled."""
    planned = plan(both_sides(["onnx"]), images=1, runs=RUNS, warmup=WARMUP, cold=COLD, seed=0)
    wanted = Counter((block.phase, block.pair, call.place.side) for block in planned.blocks for call in block.calls)
    made = Counter((sample.phase, sample.pair, sample.side) for sample in run.samples)
    for phase, pair, side in list(made):
        if phase == "warmup" and pair >= 2 * WARMUP:
            del made[phase, pair, side]
    return (wanted - made) + (made - wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance, kills, runs, seams, aside = random.Random(asked.seed), 0, 0, 0, 0
    while kills < asked.kills:
        with tempfile.TemporaryDirectory() as temporary:
            times, run = one_run(Path(temporary), chance, asked.kills - kills)
            assert not faults(run), faults(run)
            assert run.finished
            left = [path.name for path in Path(temporary).iterdir() if path.name.startswith(".")]
            assert not left, left
        kills, runs, seams = kills + times, runs + 1, seams + len(run.seams)
        aside += sum(len(seam.aside) for seam in run.seams)
        print(f"run {runs}: killed {times} times, {len(run.seams)} seams, {len(run.samples)} samples", flush=True)
    print(
        f"{kills} kills, {runs} merged runs with {seams} seams and {aside} samples set aside: nothing lost or doubled"
    )


if __name__ == "__main__":
    main()
