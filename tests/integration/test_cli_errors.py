"""Every failure that the command line explains: one line, the next step, the right exit code, never a traceback."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from program import CAT, PROGRAM, Done, environment, run
from resnet_bench import wire
from servers import answering, reply, serving

pytestmark = pytest.mark.usefixtures("model")
RANDOM = ("--weights", "random")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of every kind that cannot be classified."""
    made = tmp_path_factory.mktemp("bad")
    (made / "folder").mkdir()
    (made / "empty.png").touch()
    (made / "text.jpg").write_text("hello")
    (made / "picture.gif").write_bytes(b"GIF89a" + bytes(40))
    (made / "half.png").write_bytes(Path(CAT).read_bytes()[:3000])
    (made / "large.jpg").write_bytes(b"\xff\xd8\xff" + bytes(wire.IMAGE_LIMIT_BYTES))
    Image.new("1", (8000, 8000)).save(made / "bomb.png")
    os.mkfifo(made / "pipe.jpg")
    (made / "result.json").write_text('{"version": 1, "samp')
    (made / "foreign.json").write_text('{"hello": "world"}')
    (made / "newer.json").write_text('{"version": 9999}')
    (made / "fine.jpg").symlink_to(Path(CAT).with_name("rocket.jpg"))
    return made


def command(text: str) -> list[str]:
    return [CAT if word == "CAT" else word for word in text.split()]


CASES = [
    # the image
    ("local none.jpg", 3, "no such image: none.jpg"),
    ("remote none.jpg", 3, "no such image: none.jpg"),
    ("compare none.jpg", 3, "no such image: none.jpg"),
    ("local folder", 3, "folder is a folder"),
    ("local empty.png", 3, "empty.png is empty"),
    ("local text.jpg", 3, "text.jpg: the image is neither JPEG nor PNG"),
    ("local picture.gif", 3, "picture.gif: the image is neither JPEG nor PNG"),
    ("local half.png", 3, "half.png: the image is damaged"),
    ("local bomb.png", 3, "bomb.png: the image has 8000 x 8000 pixels"),
    ("remote large.jpg --url http://127.0.0.1:9", 3, "large.jpg has 4.7 MB; Lambda takes at most 4.7 MB"),
    ("local CAT CAT", 2, "two images are called chelsea.png"),
    ("compare", 2, "no image was given"),
    # the way there
    ("remote CAT --url http://127.0.0.1:9", 4, "cannot connect to 127.0.0.1:9: Connection refused"),
    ("remote CAT --url https://nowhere.invalid", 4, "the name nowhere.invalid cannot be resolved"),
    ("remote CAT --url example.com", 2, "not a web address: 'example.com'"),
    ("remote CAT --url https://me:hunter2@example.com", 2, "the URL holds a user name or password"),
    ("remote CAT --url https://nowhere.invalid --cold", 2, "a cold start cannot be forced"),
    ("compare CAT --url https://nowhere.invalid", 2, "a URL is one function with one engine"),
    # which Lambda
    ("remote CAT --stack a --url http://127.0.0.1:9", 2, "--stack and --url are given: each is a Lambda of its own"),
    ("remote CAT --image a --stack b", 2, "--stack and --image are given"),
    ("remote CAT --via carrier", 2, "--via is carrier"),
    ("remote CAT --via invoke", 2, "--via invoke needs a stack"),
    ("remote CAT --sign", 2, "--sign goes with --url"),
    ("remote CAT --memory 512 --url http://127.0.0.1:9", 2, "the memory of a function behind a URL cannot be set"),
    ("compare CAT --image a --engine onnx --engine torch", 2, "an image has one engine"),
    ("remote CAT --stack UPPER", 2, "UPPER"),
    # engines, weights, limits
    ("local CAT --engine abacus", 2, "unknown engine 'abacus'"),
    ("emulate --engine abacus --weights random", 2, "unknown engine 'abacus'"),
    ("local CAT --weights imagenet", 3, "no such weights: imagenet"),
    ("local CAT --weights folder", 3, "folder is a folder"),
    ("local CAT --weights text.jpg", 3, "text.jpg"),
    ("local CAT --limiter willpower", 2, "unknown limiter: willpower"),
    ("local CAT --threads none", 2, "--threads is none"),
    ("emulate --threads 0", 2, "--threads is 0"),
    ("local CAT --memory 1", 2, "--memory is 1 MB"),
    ("remote CAT --memory 20000", 2, "--memory is 20000 MB"),
    ("emulate --memory 1", 2, "memory is 1 MB"),
    ("emulate --timeout 0", 2, "the time-out is 0 s"),
    # result files
    ("show none.json", 5, "cannot read none.json"),
    ("show folder", 5, "cannot read folder"),
    ("show result.json", 5, "result.json is not a whole JSON document"),
    ("show foreign.json", 5, "foreign.json"),
    ("show newer.json", 5, "newer.json"),
    ("show text.jpg", 5, "text.jpg is not a whole JSON document"),
    ("diff result.json none.json", 5, "result.json is not a whole JSON document"),
    ("local CAT --weights random --save folder", 5, "folder is a folder"),
    ("local CAT --weights random --save result.json", 5, "result.json exists already"),
    ("local CAT --weights random --save none/result.json", 5, "could not be saved to none/result.partial.jsonl"),
    ("local CAT --weights random --csv none/samples.csv", 5, "the CSV file could not be saved to none/samples.csv"),
]


@pytest.fixture(scope="module")
def failed(folder: Path) -> dict[str, Done]:
    """All of ``CASES``, run on all CPUs: each is a second of imports."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ended = pool.map(lambda case: run(*command(case[0]), cwd=folder), CASES)
        return {text: done for (text, _, _), done in zip(CASES, ended, strict=True)}


@pytest.mark.parametrize(("text", "code", "message"), CASES, ids=[text for text, _, _ in CASES])
def test_a_failure_is_one_line_with_a_next_step(
    text: str, code: int, message: str, failed: dict[str, Done], folder: Path
) -> None:
    done = failed[text]
    assert message in done.error()
    assert done.code == code
    assert done.out == ""
    assert "hunter2" not in done.err
    assert not (folder / "results").exists() or not list((folder / "results").iterdir())


@pytest.mark.parametrize(
    "text",
    [
        *("--bogus", "bogus", "local", "local CAT --bogus", "local CAT --runs 0", "local CAT --runs many", "show"),
        *("diff a", "emulate --port 70000", "compare CAT --interval -1"),
    ],
)
def test_a_wrong_command_line_exits_2_and_shows_how_to_get_help(text: str, tmp_path: Path) -> None:
    done = run(*command(text), cwd=tmp_path)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert "--help" in done.err


def test_an_image_that_may_not_be_read_is_told(folder: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked.jpg"
    locked.write_bytes(Path(CAT).read_bytes())
    locked.chmod(0)
    if os.geteuid() == 0:  # root may read everything; as nobody the program itself may be out of reach
        return
    assert "cannot read" in run("local", locked, cwd=tmp_path).error()


# --- what the far side may answer -----------------------------------------------------------------------------

ANSWERS = {
    "4xx": (reply(wire.encode_fault("corrupt_image", "it is damaged").encode(), 400), "answered 400: corrupt_image"),
    "5xx": (reply(b'{"message": "Internal Server Error"}', 500), "answered 500: "),
    "foreign": (reply(b"<html>It works!</html>"), "the answer is not one of resnet-bench's handler"),
    "redirect": (reply(b"", 301, location="https://elsewhere.invalid/"), "sends us to https://elsewhere.invalid/"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_that_is_none_exits_4(what: str, tmp_path: Path) -> None:
    given, message = ANSWERS[what]
    with serving(answering(given)) as url:
        done = run("remote", CAT, cwd=tmp_path, env={"RESNET_BENCH_URL": url})
    assert message in done.error()
    assert done.code == 4
    assert list((tmp_path / "results").iterdir()) == [], "nothing was measured, nothing is kept"


# --- this machine ---------------------------------------------------------------------------------------------


def without(package: str, tmp_path: Path) -> dict[str, str]:
    """An environment in which ``package`` is not installed."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] == {package!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    return {"PYTHONPATH": str(tmp_path)}


@pytest.mark.parametrize(("engine", "package"), [("onnx", "onnxruntime"), ("torch", "torch")])
def test_an_engine_that_is_not_installed_is_named_with_the_way_to_get_it(
    engine: str, package: str, tmp_path: Path
) -> None:
    done = run("local", CAT, "--engine", engine, "--no-save", *RANDOM, cwd=tmp_path, env=without(package, tmp_path))
    assert f"the {engine} engine needs {package}, which is not installed" in done.error()
    assert f"try: pip install {package}" in done.err
    assert done.code == 3


def test_a_function_too_large_for_its_memory_is_told_with_its_own_log(tmp_path: Path) -> None:
    done = run("remote", CAT, "--engine", "torch", "--memory", "128", "--no-save", *RANDOM, cwd=tmp_path)
    assert "killed at its memory limit of 128 MB" in done.error()
    assert "--memory" in done.err
    assert done.code == 3


def test_a_disk_that_is_full_keeps_what_was_measured(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the kernel refuses the journal's next line."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))

    done = subprocess.run(
        [PROGRAM, "local", CAT, "--runs", "100", *RANDOM, "--save", "run.json", "--limiter", "none"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=limit,
    )
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    assert "error: a sample could not be saved to run.partial.jsonl: File too large" in done.stderr
    assert "resnet-bench show run.partial.jsonl" in done.stderr
    shown = run("show", "run.partial.jsonl", "--json", cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert json.loads(shown.out)["result"]["samples"]


def test_a_folder_that_nothing_can_be_written_to_is_told_before_measuring(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where the folder should be")  # root may write to any folder
    done = run("local", CAT, *RANDOM, cwd=tmp_path)
    assert "could not be saved to results" in done.error()
    assert done.code == 5
    assert "measuring" not in done.err


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    program = f"'{PROGRAM}' local '{CAT}' --weights random --runs 3 --save run.json"
    pipeline = f"{program} 2>err.txt | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", pipeline], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    first, code = done.stdout.splitlines()
    assert "resnet-bench local" in first
    assert code == "0"
    assert "Traceback" not in (tmp_path / "err.txt").read_text()
    assert (tmp_path / "run.json").exists()


def test_nobody_reading_the_progress_does_not_end_a_run(tmp_path: Path) -> None:
    pipeline = f"'{PROGRAM}' local '{CAT}' --weights random --runs 3 --save run.json 2>&1 >/dev/null | head -c 1"
    subprocess.run(["bash", "-c", pipeline], cwd=tmp_path, env=environment(), capture_output=True, check=True)
    assert json.loads((tmp_path / "run.json").read_text())["finished"] is True
