"""Ctrl-C, SIGTERM and kill -9 at every phase: what was measured is kept, and nothing else is left."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from program import CAT, Done, Running, run, started
from resnet_bench.inference.model import Model
from resnet_bench.results.files import load

pytestmark = pytest.mark.usefixtures("model")
RANDOM = ("--weights", "random")
# Long enough that no machine finishes before it is interrupted.
LONG = ("compare", CAT, "--engine", "onnx", "--runs", "100000", *RANDOM)


def kept(done: Done, folder: Path) -> Path:
    """The partial result that the message names; it loads, and says that it is one."""
    assert done.code == 130, done.err
    assert "Traceback" not in done.err
    assert "interrupted" in done.err.splitlines()
    note = done.err.splitlines()[-1]
    assert "resnet-bench show " in note
    path = folder / note.partition("resnet-bench show ")[2]
    result = load(path)
    assert not result.finished
    assert result.samples
    assert f"the {len(result.samples)} samples" in note
    assert list((folder / "results").iterdir()) == [path], "no journal beside it"
    return path


PHASES = {
    "warming up": (("--warmup", "100000"), "warming up"),
    "cold starts": (("--warmup", "0", "--cold", "100000"), "cold start"),
    "measuring": (("--warmup", "0", "--cold", "0"), "measuring"),
    "waiting": (("--warmup", "0", "--cold", "1", "--interval", "600"), "measuring"),
}


@pytest.mark.parametrize("phase", PHASES)
def test_ctrl_c_keeps_what_was_measured_and_leaves_nothing_running(phase: str, tmp_path: Path) -> None:
    options, pattern = PHASES[phase]
    # The log shows a line every ten seconds: a journal that grows tells sooner that a phase is under way.
    with started(*LONG, *options, folder=tmp_path) as running:
        running.wait_for(pattern)
        wait_for_samples(running, tmp_path, 4 if phase == "waiting" else 2)
        done = running.end()
        path = kept(done, tmp_path)
        running.assert_nothing_is_left()
    assert run("show", path, "--quiet", cwd=tmp_path).code == 0


def wait_for_samples(running: Running, folder: Path, count: int) -> Path:
    """Until the journal holds so many; the journal."""
    from sandboxes import wait_until

    def lines() -> int:
        assert running.process.poll() is None, running.err
        return sum(path.read_bytes().count(b"\n") for path in folder.glob("results/*.partial.jsonl"))

    wait_until(lambda: lines() > count, f"{count} samples in the journal", timeout_s=120)
    (journal,) = folder.glob("results/*.partial.jsonl")
    return journal


def test_sigterm_ends_a_run_as_ctrl_c_does(tmp_path: Path) -> None:
    with started(*LONG, "--cold", "0", "--warmup", "0", folder=tmp_path) as running:
        wait_for_samples(running, tmp_path, 1)
        kept(running.end(signal.SIGTERM), tmp_path)
        running.assert_nothing_is_left()


def test_ctrl_c_of_a_terminal_reaches_every_process_of_the_job(tmp_path: Path) -> None:
    with started(*LONG, "--cold", "0", "--warmup", "0", folder=tmp_path, own_group=True) as running:
        wait_for_samples(running, tmp_path, 2)
        os.killpg(running.process.pid, signal.SIGINT)
        kept(running.wait(), tmp_path)
        running.assert_nothing_is_left()


def test_ctrl_c_twice_in_a_row_prints_no_traceback_and_leaves_nothing(tmp_path: Path) -> None:
    with started(*LONG, "--cold", "0", "--warmup", "0", folder=tmp_path) as running:
        wait_for_samples(running, tmp_path, 1)
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.1)  # into the clean-up, which takes about half a second
        done = running.end()
        assert done.code == 130, done.err
        assert "Traceback" not in done.err
        (path,) = (tmp_path / "results").iterdir()
        assert load(path).samples, "in the result, or still in the journal"
        running.assert_nothing_is_left()


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_ctrl_c_before_the_first_sample_leaves_no_file(engine: str, tmp_path: Path) -> None:
    """The worker is importing its engine then, or the function is."""
    with started("compare", CAT, "--engine", engine, "--runs", "5", *RANDOM, folder=tmp_path) as running:
        running.wait_for("warming up 1 of")
        done = running.end()
        assert done.code == 130
        assert done.err.splitlines()[-1] == "interrupted"
        running.assert_nothing_is_left()
    assert list((tmp_path / "results").iterdir()) == []


def test_ctrl_c_while_the_model_is_prepared_leaves_a_cache_that_works(tmp_path: Path, model: Model) -> None:
    cache = {"RESNET_BENCH_CACHE": str(tmp_path / "cache")}
    with started("local", CAT, "--no-save", *RANDOM, folder=tmp_path, env=cache) as running:
        running.wait_for("export")
        done = running.end()
        assert done.code == 130
        assert "Traceback" not in done.err
        running.assert_nothing_is_left()
    manifests = list((tmp_path / "cache").glob("models/*/manifest.json"))
    assert all("resnet50.onnx" not in json.loads(file.read_text())["artifacts"] for file in manifests)


def test_ctrl_c_while_traces_are_asked_for_keeps_the_samples(tmp_path: Path) -> None:
    """An X-Ray that knows nothing is asked for up to 50 s."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Empty(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body = b'{"Traces": [], "UnprocessedTraceIds": []}'
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    credentials = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    (tmp_path / "function").mkdir()
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server,
        started("emulate", *RANDOM, folder=tmp_path / "function") as function,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = function.wait_for(r"HTTP API +(\S+)")[1]
        aws_url = f"http://127.0.0.1:{server.server_port}"
        with started("remote", CAT, "--url", url, "--aws-url", aws_url, folder=tmp_path, env=credentials) as running:
            running.wait_for(r"traces: 0 of \d")
            done = running.end()
            path = kept(done, tmp_path)
            assert len(load(path).samples) == 2
        server.shutdown()
        assert function.end().code == 0
        function.assert_nothing_is_left()


def test_kill_9_leaves_a_journal_that_show_reads_and_no_process(tmp_path: Path) -> None:
    with started(*LONG, "--cold", "0", "--warmup", "0", folder=tmp_path) as running:
        journal = wait_for_samples(running, tmp_path, 3)
        running.process.kill()
        running.process.wait()
        running.assert_nothing_is_left()
    result = load(journal)
    assert not result.finished
    assert len(result.samples) >= 3
    shown = run("show", journal, cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert "chelsea.png" in shown.out or "onnx" in shown.out
