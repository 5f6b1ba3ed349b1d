"""Signals at the moments that no waiting hits: while modules are imported, within the saving, in a burst."""

from __future__ import annotations

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from moments import Moment, at
from program import CAT, Done, run, started
from resnet_bench.results.files import load

pytestmark = pytest.mark.usefixtures("model")
INT, TERM, HUP, KILL, QUIT = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT
RANDOM = ("--weights", "random")
SHORT = ("local", CAT, "--runs", "2", *RANDOM)
# What a run goes through, in this order: module and function of the package.
PHASES = {
    "preparing": ("inference.builder", "prepare"),
    "hashing": ("inference.files", "sha256_of"),
    "starting the worker": ("sandbox.process", "Sandbox.start"),
    "reserving the file": ("results.files", "ResultWriter.__init__"),
    "measuring": ("results.files", "ResultWriter.add"),
    "checking": ("benchmark.checks", "check"),
    "saving": ("results.files", "ResultWriter.finish"),
    "renaming": ("results.disk", "write_atomically"),
    "closing": ("sandbox.process", "Sandbox.close"),
    "making the tables": ("report", "page_of"),
    "writing the page": ("report", "write_page_html"),
}
BURSTS = {"Ctrl-C": (INT,), "a closed terminal": (HUP, TERM, HUP), "kill -9": (KILL,), "a core dump": (QUIT,)}
# Each phase is ended in one of two ways, by turns: a run takes a second of imports.
WISHES = [(phase, "a closed terminal" if place % 2 else "Ctrl-C") for place, phase in enumerate(PHASES)]
DEATHS = [*((phase, "kill -9") for phase in PHASES), ("measuring", "a core dump")]


@dataclass(frozen=True)
class Struck:
    done: Done
    folder: Path
    left: list[str]

    @property
    def results(self) -> list[Path]:
        return list((self.folder / "results").glob("*"))


def strike(folder: Path, *moments: Moment, command: tuple[str, ...] = SHORT) -> Struck:
    folder.mkdir()
    with started(*command, folder=folder, env=at(folder, *moments)) as running:
        done = running.wait()
        running.assert_nothing_is_left()
        return Struck(done, folder, running.leftovers())


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory, model: object) -> dict[tuple[str, str], Struck]:
    """All of ``WISHES`` and ``DEATHS``, on all CPUs."""
    base = tmp_path_factory.mktemp("struck")

    def one(case: tuple[str, str]) -> Struck:
        module, function = PHASES[case[0]]
        burst = tuple((0.0, number) for number in BURSTS[case[1]])
        files = ("--html", "page.html", "--csv", "samples.csv") if case[0] == "writing the page" else ()
        moment = Moment(f"resnet_bench.{module}", function, burst)
        return strike(base / "-".join(case).replace(" ", "_"), moment, command=(*SHORT, *files))

    cases = [*WISHES, *DEATHS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(cases, pool.map(one, cases), strict=True))


@pytest.mark.parametrize(("phase", "burst"), WISHES)
def test_a_wish_to_end_is_heard_in_every_phase_and_nothing_measured_is_lost(
    phase: str, burst: str, struck: dict[tuple[str, str], Struck]
) -> None:
    one = struck[phase, burst]
    assert one.done.code == 130, one.done.err
    assert "Traceback" not in one.done.err
    assert "interrupted" in one.done.err.splitlines()
    said = re.findall(r"resnet-bench show (\S+)", one.done.err)
    assert [one.folder / path for path in said] == one.results, "what there is is said, and nothing else is there"
    assert all(load(path).samples for path in one.results)


@pytest.mark.parametrize(("phase", "burst"), DEATHS)
def test_a_death_in_any_phase_leaves_nothing_but_what_show_reads(
    phase: str, burst: str, struck: dict[tuple[str, str], Struck]
) -> None:
    one = struck[phase, burst]
    assert one.done.code == -BURSTS[burst][0]
    assert one.left == []
    for path in one.results:
        assert load(path).settings.command == "local"
        assert not path.name.startswith("."), "no temporary file stays"
    hidden = {path.name for path in one.folder.iterdir()} - {"results", "tmp", "sitecustomize.py", "__pycache__"}
    assert hidden <= {"stdout.txt", "stderr.txt", "samples.csv"}


@pytest.mark.parametrize("number", [INT, TERM, HUP])
def test_a_signal_while_modules_are_imported_ends_the_program_as_any_other(
    number: signal.Signals, tmp_path: Path
) -> None:
    importing = Moment("resnet_bench.cli.collect", signals=((0.0, number),))
    done = run("engines", cwd=tmp_path, env=at(tmp_path, importing))
    assert done == Done(-number, "", "")


def test_a_signal_after_the_last_word_changes_nothing(tmp_path: Path) -> None:
    burst = ((0.0, INT), (0.0, TERM))
    done = run("--version", cwd=tmp_path, env=at(tmp_path, Moment("atexit", signals=burst)))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("resnet-bench ")


def test_a_second_ctrl_c_within_the_saving_says_that_all_is_in_the_journal(tmp_path: Path) -> None:
    """0.6 s later it is a second wish, and not one of a burst."""
    one = strike(
        tmp_path / "run",
        Moment("resnet_bench.benchmark.checks", "check"),
        Moment("resnet_bench.results.disk", "write_atomically", ((0.6, INT),)),
    )
    assert one.done.code == 130, one.done.err
    (journal,) = one.results
    assert journal.name.endswith(".partial.jsonl")
    assert (
        f"the {len(load(journal).samples)} samples measured before are safe: resnet-bench show results/" in one.done.err
    )
    assert journal.name in one.done.err
