"""Going on with the file of an interrupted run: one at a time, and what it held is there at every moment."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from factories import make_run, make_samples
from resnet_bench.errors import ResultError, UsageError
from resnet_bench.results.claims import claim
from resnet_bench.results.files import ResultWriter, load
from resnet_bench.results.run import Run, Seam

SAMPLES = make_samples(runs=3, cold=0, warmup=1, engines=("onnx",))
HALF = make_run(samples=SAMPLES[:4], finished=False)
HOLDER = """
import sys
from pathlib import Path
from resnet_bench.results.claims import claim
with claim(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.json"


def stopped(path: Path) -> Path:
    """As Ctrl-C leaves it."""
    with suppress(KeyboardInterrupt), ResultWriter(replace(HALF, samples=()), path) as writer:
        for sample in HALF.samples:
            writer.add(sample)
        raise KeyboardInterrupt
    return path


def killed(path: Path, torn: bytes = b"") -> Path:
    """As kill -9 leaves it: the journal."""
    with suppress(ResultError), ResultWriter(replace(HALF, samples=()), path) as writer:
        for sample in HALF.samples:
            writer.add(sample)
        raise ResultError("it keeps the journal")
    journal = path.with_name("run.partial.jsonl")
    with journal.open("ab") as file:
        file.write(torn)
    return journal


@contextmanager
def gone_on(path: Path) -> Iterator[ResultWriter]:
    with claim(path) as claimed:
        seam = Seam(resumed_at="2026-11-29T12:00:00+00:00", after_count=4, load_1m=None)
        run = replace(claimed.run, caveats=(), seams=(*claimed.run.seams, seam))
        with ResultWriter(run, resumes=claimed) as writer:
            yield writer


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


def assert_whole(run: Run) -> None:
    assert (run.samples, run.finished, len(run.seams)) == (SAMPLES, True, 1)


@pytest.mark.parametrize("torn", [b"", b'{"line": "sam'], ids=["whole", "torn"])
def test_a_journal_is_gone_on_with_and_becomes_the_result(path: Path, torn: bytes) -> None:
    journal = killed(path, torn)
    with gone_on(journal) as writer:
        assert load(journal).samples == SAMPLES[:4], "what it held is in it before anything is added"
        assert not load(journal).caveats, "the torn line is cut off"
        for sample in SAMPLES[4:]:
            writer.add(sample)
    assert names(path) == ["run.json"]
    assert_whole(load(path))


def test_an_unfinished_result_stands_until_the_longer_one_replaces_it(path: Path) -> None:
    stopped(path).chmod(0o600)
    with gone_on(path) as writer:
        for sample in SAMPLES[4:]:
            writer.add(sample)
        assert load(path) == HALF
        assert load(writer.journal_path).samples == SAMPLES
    assert names(path) == ["run.json"]
    assert_whole(load(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_interrupted_again_it_is_the_longer_unfinished_result(path: Path) -> None:
    stopped(path)
    with suppress(KeyboardInterrupt), gone_on(path) as writer:
        writer.add(SAMPLES[4])
        raise KeyboardInterrupt
    assert names(path) == ["run.json"]
    run = load(path)
    assert (run.samples, run.finished, len(run.seams)) == (SAMPLES[:5], False, 1)


def test_of_a_result_and_its_longer_journal_the_journal_counts_whichever_is_named(path: Path) -> None:
    stopped(path)
    with suppress(ResultError), gone_on(path) as writer:
        writer.add(SAMPLES[4])
        raise ResultError("as killed")
    assert names(path) == ["run.json", "run.partial.jsonl"]
    for named in (path, path.with_name("run.partial.jsonl")):
        with claim(named) as claimed:
            assert claimed.run.samples == SAMPLES[:5]
            assert claimed.replaces


def test_a_result_of_another_run_that_has_come_to_stand_there_is_kept(path: Path) -> None:
    journal = killed(path)
    other = make_run(runs=2, created_at="2020-01-01T00:00:00+00:00")
    with ResultWriter(replace(other, samples=()), path.with_name("other.json")):
        pass
    path.with_name("other.json").rename(path)
    with gone_on(journal) as writer:
        writer.add(SAMPLES[4])
    assert load(path).created_at == other.created_at
    assert names(path) == ["run-2.json", "run.json"]


def test_beside_the_journal_of_another_run_a_result_is_refused(path: Path) -> None:
    killed(path)
    stopped(path.with_name("other.json")).rename(path)
    path.write_bytes(path.read_bytes().replace(b"2026-11-22", b"2025-11-22"))
    with pytest.raises(ResultError, match="another run"):
        claim(path)


def test_a_finished_run_is_refused(path: Path) -> None:
    with ResultWriter(replace(HALF, samples=()), path) as writer:
        writer.add(SAMPLES[0])
    with pytest.raises(UsageError, match="nothing left to do"):
        claim(path)


def test_the_journal_that_a_finished_run_could_not_remove_is_refused(path: Path) -> None:
    journal = killed(path)
    kept = journal.read_bytes()
    with gone_on(journal):
        pass
    journal.write_bytes(kept)
    with pytest.raises(UsageError, match="nothing left to do"):
        claim(journal)


def test_a_run_in_progress_is_refused_and_can_be_read_all_the_same(path: Path) -> None:
    with ResultWriter(replace(HALF, samples=()), path) as writer:
        writer.add(SAMPLES[0])
        with pytest.raises(ResultError, match="writing"):
            claim(writer.journal_path)
        assert load(writer.journal_path).samples == SAMPLES[:1]


@pytest.mark.parametrize("leave", [stopped, killed])
def test_one_process_claims_it_and_the_next_when_that_is_dead(path: Path, leave: object) -> None:
    place = leave(path)  # type: ignore[operator]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ResultError, match="writing"):
            claim(place)
    finally:
        holder.kill()
        holder.communicate()
    with claim(place) as claimed:
        assert claimed.run.samples == SAMPLES[:4]


def test_a_disk_without_room_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = killed(path)
    kept = journal.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResultError, match="No space"), gone_on(journal):
        pass
    assert journal.read_bytes() == kept
    assert names(path) == ["run.partial.jsonl"]


def test_a_run_of_which_all_was_torn_keeps_what_was_set_aside(path: Path) -> None:
    """Even where not one sample could be added to it again."""
    seam = Seam(resumed_at="2026-11-29T12:00:00+00:00", after_count=0, load_1m=None, aside=SAMPLES[:1], reason="torn")
    with claim(killed(path)) as claimed, suppress(ResultError):
        run = replace(claimed.run, samples=(), caveats=(), seams=(seam,))
        with ResultWriter(run, resumes=claimed):
            raise ResultError("the disk is full")
    assert load(path.with_name("run.partial.jsonl")).seams == (seam,)
