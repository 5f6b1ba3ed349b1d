"""Where results cannot be saved: said before measuring, or without losing what was measured."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from disks import full_disk
from factories import make_run, make_samples
from resnet_bench.errors import ResultError
from resnet_bench.results.files import ResultWriter, load, rewrite

SAMPLES = make_samples(runs=2, cold=1, warmup=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.json"


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def start(path, **options):
    return ResultWriter(make_run(samples=()), path, **options)


@pytest.fixture
def unprivileged():
    """Folder permissions bind nobody who is root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


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


def test_a_result_in_a_read_only_folder_is_not_written_again(unprivileged):
    with pytest.raises(ResultError, match="/etc/passwd could not be written again: Permission denied"):
        rewrite(Path("/etc/passwd"), make_run(samples=()))


def test_a_full_disk_keeps_what_was_measured_and_says_where(path):
    writer = start(path)
    for sample in SAMPLES[:2]:
        writer.add(sample)
    journal = writer.journal_path.read_bytes()
    with full_disk(len(journal) + 100), pytest.raises(ResultError, match="a sample could not be saved") as caught:
        writer.add(SAMPLES[2])
    assert "Free some space" in caught.value.hint
    assert f"resnet-bench show {writer.journal_path}" in caught.value.hint
    assert writer.journal_path.read_bytes() == journal, "no half line is left"
    writer.add(SAMPLES[3])
    writer.finish()
    assert load(path).samples == (*SAMPLES[:2], SAMPLES[3])


def test_a_first_sample_that_finds_no_room_is_not_said_to_be_kept(path):
    def measure(stack):
        with start(path) as writer:
            stack.enter_context(full_disk(writer.journal_path.stat().st_size))
            writer.add(SAMPLES[0])

    with ExitStack() as stack, pytest.raises(ResultError, match="a sample could not be saved") as caught:
        measure(stack)
    assert "resnet-bench show" not in caught.value.hint
    assert names(path.parent) == []


def test_a_disk_that_is_full_at_the_end_leaves_the_journal_and_no_torso(path):
    writer = start(path)
    for sample in SAMPLES:
        writer.add(sample)
    full = full_disk(writer.journal_path.stat().st_size)
    with full, pytest.raises(ResultError, match="the results could not be saved") as caught:
        writer.finish()
    assert str(writer.journal_path) in caught.value.hint
    assert names(path.parent) == ["out.partial.jsonl"]
    assert load(writer.journal_path).samples == SAMPLES


def test_the_first_error_is_reported_when_saving_fails_after_it(path):
    def measure(stack):
        with start(path) as writer:
            for sample in SAMPLES:
                writer.add(sample)
            stack.enter_context(full_disk(100))
            raise KeyboardInterrupt

    with ExitStack() as stack, pytest.raises(KeyboardInterrupt) as caught:
        measure(stack)
    assert "could not be saved" in caught.value.__notes__[0]


def test_a_sample_that_could_not_be_saved_ends_the_run_with_the_journal_in_place(path):
    def measure(stack):
        with start(path) as writer:
            writer.add(SAMPLES[0])
            stack.enter_context(full_disk(writer.journal_path.stat().st_size))
            writer.add(SAMPLES[1])

    with ExitStack() as stack, pytest.raises(ResultError, match="a sample could not be saved"):
        measure(stack)
    assert names(path.parent) == ["out.partial.jsonl"]
    assert load(path.parent / "out.partial.jsonl").samples == SAMPLES[:1]
