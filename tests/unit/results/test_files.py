import itertools
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import make_run, make_sample, make_samples
from resnet_bench.errors import ResultError
from resnet_bench.results.files import ResultWriter, load
from resnet_bench.results.journal import TORN_LINE
from resnet_bench.results.records import Caveat, Run, Skipped

SAMPLES = make_samples(runs=2, cold=1, warmup=1)
DOUBT = Caveat(code="few-runs", message="2 runs", next_step="--runs 60")
ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.json"


@pytest.fixture
def unprivileged():
    """Folder permissions bind nobody who is root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


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


@given(cut=st.integers(min_value=1, max_value=3000))
def test_a_torn_last_line_is_left_out_and_noted(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("torn") / "out.json"
    writer = start(path)
    for sample in SAMPLES:
        writer.add(sample)
    data = writer.journal_path.read_bytes()
    last = len(data.splitlines()[-1])
    writer.journal_path.write_bytes(data[: -min(cut, last)])
    run = load(writer.journal_path)
    assert run.samples == SAMPLES[:-1]
    assert [caveat.code for caveat in run.caveats] == [TORN_LINE]


def test_damage_within_a_journal_is_an_error_that_names_the_line(path):
    writer = start(path)
    for sample in SAMPLES[:3]:
        writer.add(sample)
    lines = writer.journal_path.read_bytes().splitlines(keepends=True)
    writer.journal_path.write_bytes(b"".join([*lines[:2], b'{"line": "sam\n', *lines[3:]]))
    with pytest.raises(ResultError, match="line 3"):
        load(writer.journal_path)


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


def test_the_journal_of_a_killed_run_is_not_overwritten(path):
    start(path).add(SAMPLES[0])
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


def test_a_missing_folder_is_found_before_measuring(tmp_path):
    with pytest.raises(ResultError) as caught:
        start(tmp_path / "no" / "out.json")
    assert caught.value.exit_code == 5
    assert "mkdir -p" in caught.value.hint


def test_a_folder_is_no_result_file(tmp_path):
    with pytest.raises(ResultError, match="is a folder"):
        start(tmp_path)


def test_a_file_in_place_of_the_results_folder_is_explained(tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(ResultError, match="File exists"):
        start(None, folder=tmp_path / "results")


def test_a_read_only_folder_is_found_before_measuring(tmp_path, unprivileged):
    with pytest.raises(ResultError) as caught:
        start(Path("/etc/out.json"))
    assert "may write to" in caught.value.hint


@pytest.fixture
def disk():
    """``disk(n)``: no file may grow past n bytes, as if the disk were full; ``disk(None)``: room again."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def set_limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (before[0] if size is None else size, before[1]))

    yield set_limit
    set_limit(None)


def test_a_full_disk_keeps_what_was_measured_and_says_where(path, disk):
    writer = start(path)
    for sample in SAMPLES[:2]:
        writer.add(sample)
    journal = writer.journal_path.read_bytes()
    disk(len(journal) + 100)
    with pytest.raises(ResultError, match="a sample could not be saved") as caught:
        writer.add(SAMPLES[2])
    disk(None)
    assert "Free some space" in caught.value.hint
    assert writer.journal_path.read_bytes() == journal, "no half line is left"
    writer.add(SAMPLES[3])
    writer.finish()
    assert load(path).samples == (*SAMPLES[:2], SAMPLES[3])


def test_a_disk_that_is_full_at_the_end_leaves_the_journal_and_no_torso(path, disk):
    writer = start(path)
    for sample in SAMPLES:
        writer.add(sample)
    disk(writer.journal_path.stat().st_size)
    with pytest.raises(ResultError, match="the results could not be saved") as caught:
        writer.finish()
    assert str(writer.journal_path) in caught.value.hint
    assert names(path.parent) == ["out.partial.jsonl"]
    assert load(writer.journal_path).samples == SAMPLES


def test_the_first_error_is_reported_when_saving_fails_after_it(path, disk):
    def measure():
        with start(path) as writer:
            for sample in SAMPLES:
                writer.add(sample)
            disk(100)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        measure()
    assert "could not be saved" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a whole JSON document"),
        (b"\xff\xd8\xff\xe0 photo", "not a whole JSON document"),
        (b"{}", "not a resnet-bench result"),
        (b"[1, 2]", "not a resnet-bench result"),
        (b'{"version": true}', "not a resnet-bench result"),
        (b'{"version": "1"}', "not a resnet-bench result"),
        (b'{"version": 2}', "newer version"),
        (b'{"version": 1}', "missing required field"),
        (b'{"name": "a"}\n{"name": "b"}\n', "damaged in line 2"),
    ],
)
def test_what_is_not_a_result_is_refused_with_the_reason(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ResultError, match=message) as caught:
        load(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there_is_explained(path):
    with pytest.raises(ResultError, match="No such file"):
        load(path)


def test_a_truncated_document_says_so(path):
    start(path).finish()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ResultError, match="truncated"):
        load(path)


def test_a_wrong_type_is_refused_with_its_place(path):
    document = msgspec.to_builtins(make_run(samples=SAMPLES))
    document["samples"][1]["pair"] = "0"
    path.write_bytes(msgspec.json.encode(document))
    with pytest.raises(ResultError, match=r"samples\[1\]\.pair|\$\.samples\[\.\.\.\]\.pair"):
        load(path)


def test_fields_from_a_later_minor_version_are_ignored(path):
    document = msgspec.to_builtins(make_run(samples=SAMPLES))
    document["new"] = 1
    document["samples"][0]["outcome"]["stages"]["new_s"] = 0.1
    path.write_bytes(msgspec.json.encode(document))
    assert load(path) == make_run(samples=SAMPLES)


def test_golden_version_1_loads_forever():
    run = load(ROOT / "tests" / "golden" / "result-v1.json")
    assert isinstance(run, Run)
    assert len(run.samples) == 11
    assert run.samples[0].outcome.stages.decode_s == pytest.approx(0.008, rel=0.2)
    assert {type(sample.trace).__name__ for sample in run.samples} == {"Skipped", "TraceTimes"}
