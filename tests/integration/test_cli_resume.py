"""``compare --resume``: after kill -9 and Ctrl-C, and what it refuses; a watch that loses its network for a while."""

from __future__ import annotations

import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from networks import Network
from program import CAT, Done, Running, run, started
from resnet_bench.benchmark.schedule import both_sides, plan
from resnet_bench.errors import ResultError
from resnet_bench.inference.model import Model
from resnet_bench.results.files import load
from resnet_bench.results.records import Failed
from resnet_bench.results.run import Run
from sandboxes import wait_until

RUNS = 12
BEGIN = ("compare", CAT, "--engine", "onnx", "--weights", "random", "--warmup", "1", "--cold", "0", "--runs", str(RUNS))
JOURNAL, RESULT = "run.partial.jsonl", "run.json"


@pytest.fixture(autouse=True)
def _prepared(model: Model) -> None:
    """Weights need not be made in any of these tests."""


def kept(folder: Path) -> Run | None:
    try:
        return load(folder / JOURNAL)
    except ResultError:
        return None  # not there yet, or this moment being put in its place


def wait_for(running: Running, folder: Path, count: int, kind: type = object) -> None:
    def enough() -> bool:
        assert running.process.poll() is None, running.err
        found = kept(folder)
        return found is not None and sum(isinstance(one.outcome, kind) for one in found.samples) >= count

    wait_until(enough, f"{count} samples in the journal", timeout_s=120)


def refused(folder: Path, *arguments: str | Path) -> Done:
    """What is said; the files are as they were."""
    before = {path: path.read_bytes() for path in folder.glob("*.json*")}
    done = run("compare", *arguments, cwd=folder)
    assert done.error()
    assert {path: path.read_bytes() for path in folder.glob("*.json*")} == before
    return done


def assert_merged(path: Path, seams: int) -> Run:
    """Each scheduled call is one sample; the other warm-ups are those behind the seams."""
    merged = load(path)
    planned = plan(both_sides(["onnx"]), images=1, runs=RUNS, warmup=1, cold=0, seed=0)
    wanted = Counter((block.phase, block.pair, call.place.side) for block in planned.blocks for call in block.calls)
    made = Counter((one.phase, one.pair, one.side) for one in merged.samples)
    assert not wanted - made
    assert {phase for phase, _, _ in made - wanted} <= {"warmup"}
    assert len(made - wanted) == 2 * seams
    assert max(made.values()) == 1
    assert (merged.finished, len(merged.seams)) == (True, seams)
    return merged


@pytest.mark.timeout(600)  # a dozen programs, one after the other
def test_a_killed_run_is_gone_on_with_unless_it_lives_or_something_has_changed(tmp_path: Path) -> None:
    journal = tmp_path / JOURNAL
    with started(*BEGIN, "--save", RESULT, folder=tmp_path) as running:
        wait_for(running, tmp_path, 5)
        done = run("compare", "--resume", JOURNAL, CAT, cwd=tmp_path)
        assert (done.code, "is writing" in done.error()) == (5, True)
        running.process.kill()
        running.process.wait()
        running.assert_nothing_is_left()
    with journal.open("ab") as file:
        file.write(b'{"line": "sample", "ind')  # the line at which it died

    assert refused(tmp_path, "--resume", JOURNAL, CAT, "--runs", "13").code == 2
    assert refused(tmp_path, "--resume", JOURNAL).code == 5, "the image is not here"
    others = tmp_path / "others"
    others.mkdir()
    (others / "chelsea.png").write_bytes(b"another")
    assert "chelsea.png: SHA-256" in refused(tmp_path, "--resume", JOURNAL, others / "chelsea.png").error()
    for what, told in (("cpu_model", "CPU model: "), ("weights_sha256", "weights of onnx here: ")):
        changed = tmp_path / f"{what}.partial.jsonl"
        changed.write_bytes(another(journal.read_bytes(), what))
        done = refused(tmp_path, "--resume", changed, CAT)
        assert (done.code, told in done.error()) == (5, True), done.err

    shutil.copy(CAT, tmp_path)
    done = run("compare", "--resume", JOURNAL, "--slo", "errors=1%", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "resumed at" in done.out
    merged = assert_merged(tmp_path / RESULT, seams=1)
    assert not journal.exists()
    assert "resumed" in {caveat.code for caveat in merged.caveats}
    done = refused(tmp_path, "--resume", RESULT)
    assert (done.code, "nothing left to do" in done.error()) == (2, True)
    for reading in (("report", RESULT, "--markdown", "-"), ("diff", RESULT, RESULT)):
        assert run(*reading, cwd=tmp_path).code == 0, reading


def another(data: bytes, what: str) -> bytes:
    """The same with another value of ``what`` wherever it stands."""
    key = f'"{what}":"'.encode()
    assert key in data
    return data.replace(key, key + b"f")


def test_ctrl_c_says_how_to_go_on_and_that_can_be_done_again_and_again(tmp_path: Path) -> None:
    shutil.copy(CAT, tmp_path)
    arguments = (*BEGIN, "--save", RESULT)
    for seams in range(2):
        with started(*arguments, folder=tmp_path) as running:
            wait_for(running, tmp_path, 3 + 6 * seams)
            done = running.end(signal.SIGTERM)
            assert done.code == 130
            assert f"to go on where it stopped: resnet-bench compare --resume {RESULT}" in done.err.replace(
                f"{tmp_path.resolve()}/", ""
            )
            running.assert_nothing_is_left()
        unfinished = load(tmp_path / RESULT)
        assert (unfinished.finished, len(unfinished.seams)) == (False, seams)
        arguments = ("compare", "--resume", RESULT)
    assert run(*arguments, "--quiet", cwd=tmp_path).code == 0
    assert_merged(tmp_path / RESULT, seams=2)


# --- networks -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The way to an emulated Lambda that knows nothing of who calls it."""
    folder = tmp_path_factory.mktemp("function")
    with started("emulate", "--engine", "onnx", "--weights", "random", folder=folder) as function:
        parts = urlsplit(function.wait_for(r"HTTP API +(\S+)")[1])
        assert parts.hostname
        assert parts.port
        with Network((parts.hostname, parts.port)) as made:
            yield made
        assert function.end().code == 0


def test_a_watch_outlives_a_lost_network_and_shows_what_failed(tmp_path: Path, network: Network) -> None:
    pace = ("--interval", "0.5", "--save", RESULT, "--slo", "errors=0%")
    with started(*BEGIN, "--url", network.url, *pace, folder=tmp_path) as watch:
        wait_for(watch, tmp_path, 6)
        network.lose("refused")
        wait_for(watch, tmp_path, 2, Failed)
        network.restore()
        done = watch.wait()
    assert (done.code, "onnx on Lambda misses errors=0%" in done.error()) == (1, True), done.err
    assert "Calls that failed" in done.out
    assert "ConnectError" in done.out
    merged = assert_merged(tmp_path / RESULT, seams=0)
    failed = [one for one in merged.samples if isinstance(one.outcome, Failed)]
    assert {one.side for one in failed} == {"remote"}
    assert not any(isinstance(one.outcome, Failed) for one in merged.samples[-2:]), "it ended after the loss"


def test_what_is_called_by_a_url_is_gone_on_with_by_that_url_and_only_if_it_answers(
    tmp_path: Path, network: Network
) -> None:
    shutil.copy(CAT, tmp_path)
    with started(*BEGIN, "--url", network.url, "--save", RESULT, folder=tmp_path) as running:
        wait_for(running, tmp_path, 5)
        running.end()
    assert network.url.encode() not in (tmp_path / RESULT).read_bytes()
    assert refused(tmp_path, "--resume", RESULT).code == 2
    network.lose("refused")
    try:
        done = refused(tmp_path, "--resume", RESULT, "--url", network.url)
    finally:
        network.restore()
    assert (done.code, "cannot connect" in done.error()) == (4, True)
    assert "can be resumed as before" in done.err
    assert run("compare", "--resume", RESULT, "--url", network.url, "-q", cwd=tmp_path).code == 0
    assert_merged(tmp_path / RESULT, seams=1)
