import itertools
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from factories import make_level, make_run, make_sample, make_samples
from resnet_bench.errors import ResultError
from resnet_bench.results.files import ResultWriter, load
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Caveat

SAMPLES = make_samples(runs=2, cold=1, warmup=1)
DOUBT = Caveat(code="few-runs", message="2 runs", next_step="--runs 60")
ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.json"


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def start(path, **options):
    return ResultWriter(make_run(samples=()), path, **options)


def test_a_finished_run_loads_as_it_was_measured(path):
    with start(path) as writer:
        for sample in SAMPLES:
            writer.add(sample)
        writer.add_caveat(DOUBT)
        run = writer.finish()
    assert load(path) == run == make_run(samples=SAMPLES, caveats=(DOUBT,))
    assert names(path.parent) == ["out.json"]


def test_every_sample_is_in_the_journal_before_add_returns(path):
    writer = start(path)
    for count, sample in enumerate(SAMPLES, start=1):
        writer.add(sample)
        assert load(writer.journal_path) == make_run(samples=SAMPLES[:count], finished=False)
    assert not path.exists()


def test_levels_are_kept_in_the_journal_and_in_the_document(path):
    levels = (make_level(), make_level("remote", 2, clients=Skipped("too little memory")))
    with start(path) as writer:
        writer.add(SAMPLES[0])
        for count, level in enumerate(levels, start=1):
            writer.add_level(level)
            assert load(writer.journal_path).levels == writer.run.levels == levels[:count]
    assert load(path) == make_run(samples=SAMPLES[:1], levels=levels)


def test_a_journal_without_samples_loads_too(path):
    assert load(start(path).journal_path) == make_run(samples=(), finished=False)


def test_late_traces_replace_samples_in_the_journal_and_in_the_document(path):
    waiting = [make_sample("remote", pair=n, trace=Skipped("not indexed yet")) for n in range(3)]
    complete = [waiting[0], make_sample("remote", pair=1), waiting[2]]
    writer = start(path)
    for sample in waiting:
        writer.add(sample)
    size = writer.journal_path.stat().st_size
    writer.replace_samples(complete)
    assert load(writer.journal_path).samples == tuple(complete)
    assert writer.journal_path.stat().st_size - size < size / 2, "only the one that changed is written again"
    writer.finish()
    assert load(path).samples == tuple(complete)


def test_a_different_number_of_samples_cannot_replace_them(path):
    writer = start(path)
    writer.add(SAMPLES[0])
    with pytest.raises(ValueError, match="longer"):
        writer.replace_samples(SAMPLES[:2])


def test_saving_costs_the_same_for_every_sample(path):
    writer = start(path)
    sizes = [writer.journal_path.stat().st_size]
    for _ in range(200):
        writer.add(SAMPLES[0])
        sizes.append(writer.journal_path.stat().st_size)
    steps = [after - before for before, after in itertools.pairwise(sizes)]
    assert max(steps) - min(steps) <= 2, "an index of two digits more is all that may differ"


@pytest.mark.parametrize("raised", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_keeps_its_samples_as_unfinished(path, raised):
    def measure():
        with start(path) as writer:
            writer.add(SAMPLES[0])
            raise raised

    with pytest.raises(raised):
        measure()
    assert load(path) == make_run(samples=SAMPLES[:1], finished=False)
    assert names(path.parent) == ["out.json"]


def test_an_error_before_the_first_sample_leaves_no_file(path):
    with pytest.raises(RuntimeError), start(path):
        raise RuntimeError
    assert names(path.parent) == []


def test_finishing_twice_writes_once(path):
    writer = start(path)
    assert writer.finish() is writer.finish(finished=False)
    assert names(path.parent) == ["out.json"]


KILLED = """
import os, signal, sys
from pathlib import Path
from factories import make_run, make_samples
from resnet_bench.results.files import ResultWriter
writer = ResultWriter(make_run(samples=()), Path(sys.argv[1]))
for sample in make_samples(runs=2, cold=1, warmup=1)[:5]:
    writer.add(sample)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_a_journal_with_every_sample(path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert load(path.parent / "out.partial.jsonl") == make_run(samples=SAMPLES[:5], finished=False)


def test_an_existing_file_is_never_overwritten_silently(path):
    path.write_text("mine")
    with pytest.raises(ResultError, match="exists already"):
        start(path)
    assert path.read_text() == "mine"
    start(path, overwrite=True).finish()
    assert load(path).finished


def test_a_file_that_appears_during_the_run_is_kept(path):
    writer = start(path)
    path.write_text("mine")
    writer.finish()
    assert path.read_text() == "mine"
    assert writer.path.name == "out-2.json"
    assert load(writer.path).finished


def leave_a_journal(path):
    """As a killed run does, whose lock ends with it."""
    with suppress(ResultError), start(path) as writer:
        writer.add(SAMPLES[0])
        raise ResultError("no room")


def test_the_journal_of_a_killed_run_is_not_overwritten(path):
    leave_a_journal(path)
    with pytest.raises(ResultError, match="killed"):
        start(path)
    assert load(path.parent / "out.partial.jsonl").samples == SAMPLES[:1]
    start(path, overwrite=True)
    assert load(path.parent / "out.partial.jsonl").samples == ()


def test_without_a_path_files_are_dated_and_numbered(tmp_path):
    folder = tmp_path / "made" / "results"
    for _ in range(3):
        start(None, folder=folder).finish()
    start(None, folder=folder)
    stem = "2026-11-22T08-00-00-compare"
    expected = {f"{stem}.json", f"{stem}-2.json", f"{stem}-3.json", f"{stem}-4.partial.jsonl"}
    assert set(names(folder)) == expected


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_what_json_has_printed_can_be_loaded_too(tmp_path, end):
    printed = tmp_path / "printed.json"
    run = make_run(runs=2)
    printed.write_bytes(b'{"result": ' + msgspec.json.encode(run) + b', "tables": [], "verdict": ""}' + end)
    assert load(printed) == run


def test_a_run_on_one_line_is_loaded_whole(tmp_path):
    packed = tmp_path / "packed.json"
    run = make_run(runs=2)
    packed.write_bytes(msgspec.json.encode(run) + b"\n")
    assert load(packed) == run
