"""Which saved result a command takes when none is named."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from factories import make_run, make_settings
from resnet_bench.cli.chosen import chosen
from resnet_bench.errors import ResultError
from resnet_bench.results.run import Command


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    results = tmp_path / "results"
    results.mkdir()
    return results


def saved(path: Path, command: Command = "compare", *, age_s: int = 0, finished: bool = True) -> Path:
    run = make_run(runs=2, settings=make_settings(command=command), finished=finished)
    path.write_bytes(msgspec.json.encode(run))
    os.utime(path, (1_700_000_000 - age_s,) * 2)
    return path


def test_the_newest_finished_result_of_the_command_is_taken_and_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(folder / "old.json", age_s=50)
    saved(folder / "new.json", age_s=40)
    saved(folder / "interrupted.json", age_s=30, finished=False)
    saved(folder / "other.json", "local", age_s=20)
    (folder / "broken.json").write_text("{")
    run, path = chosen(None, ["compare"], "first compare")
    assert (run.settings.command, path) == ("compare", Path("results/new.json"))
    assert capsys.readouterr().err == "from the newest result of `compare`: results/new.json\n"


def test_an_older_result_of_the_first_command_is_taken_before_newer_ones_of_the_others(folder: Path) -> None:
    saved(folder / "whole.json", age_s=50)
    saved(folder / "small.json", "explain", age_s=40)
    assert chosen(None, ["compare", "explain"], "first compare")[1] == Path("results/whole.json")
    (folder / "whole.json").unlink()
    assert chosen(None, ["compare", "explain"], "first compare")[1] == Path("results/small.json")


def test_where_there_is_none_the_command_to_run_first_is_named(folder: Path) -> None:
    saved(folder / "other.json", "local")
    with pytest.raises(ResultError) as refused:
        chosen(None, ["compare", "explain"], "resnet-bench compare")
    assert refused.value.message == "results/ has no result of `compare` or `explain`"
    assert refused.value.hint == "resnet-bench compare"


def test_a_named_result_of_another_command_is_refused(folder: Path) -> None:
    path = saved(folder / "one.json", "local")
    with pytest.raises(ResultError, match="is a result of `local`, not of `compare`"):
        chosen(path, ["compare"], "resnet-bench compare")


def test_a_named_result_is_taken_silently_also_if_it_was_interrupted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(folder / "one.json", finished=False)
    assert chosen(path, ["compare"], "resnet-bench compare")[1] == path
    assert capsys.readouterr().err == ""
