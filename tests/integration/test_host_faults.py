"""What this machine may refuse, each refused for real: files, threads, control groups, networks, folders, names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from program import CAT, Done, run
from resnet_bench.inference.model import Model

pytestmark = pytest.mark.usefixtures("model")
RANDOM = ("--weights", "random")
UNSAVED = ("--no-save", *RANDOM)
LOCAL = ("local", CAT, "--engine", "onnx", *UNSAVED)
COMPARE = ("compare", CAT, "--engine", "onnx", "--runs", "1", "--warmup", "0", "--cold", "0", *UNSAVED)


def within(*prefix: str) -> tuple[str, ...]:
    """``prefix``, if it can be had here: the tool, and the rights."""
    if shutil.which(prefix[0]) is None:
        pytest.skip(f"{prefix[0]} is not installed")
    if prefix[0] != "prlimit":
        tried = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            pytest.skip(f"not allowed here: {tried.stderr.strip()}")
    return prefix


def refused(prefix: Sequence[str], command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """The program's end, which must be a failure of this machine's that is told in one line with a next step."""
    done = run(*command, cwd=cwd, prefix=prefix, env=env)
    assert done.code == 3, done
    assert done.error()
    assert "a defect" not in done.err
    assert done.out == ""
    return done


def test_too_few_files_are_told_with_the_way_to_get_more(tmp_path: Path) -> None:
    done = refused(within("prlimit", "--nofile=8:8"), COMPARE, tmp_path)
    assert "Too many open files" in done.error()
    assert "ulimit -n" in done.err


def test_too_few_files_for_the_function_are_the_emulators_failure_and_not_the_functions(tmp_path: Path) -> None:
    done = run(*COMPARE, cwd=tmp_path, prefix=within("prlimit", "--nofile=20:20"))
    assert done.code in {3, 4}, done
    assert done.error()
    assert "Too many open files" in done.err


def test_too_little_memory_for_threads_is_told(tmp_path: Path) -> None:
    done = refused(within("prlimit", f"--as={200 * 10**6}"), COMPARE, tmp_path)
    assert "no more" in done.error() or "Cannot allocate memory" in done.error()


# --- as an unprivileged user ----------------------------------------------------------------------------------


def as_nobody() -> tuple[str, ...]:
    """Nobody, who may read what root has installed, and write nowhere."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    may_read = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
    return within("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *may_read)


@pytest.fixture
def home(tmp_path: Path, model: Model) -> Path:
    """Nobody's, with a cache of its own."""
    made = tmp_path / "home"
    shutil.copytree(model.folder.parents[1], made / "cache")
    for folder, _, files in os.walk(made):
        for path in (Path(folder), *(Path(folder, file) for file in files)):
            os.chown(path, 65534, 65534)
    return made


@pytest.mark.cgroup
def test_without_a_writable_cgroup_a_run_is_throttled_and_says_why(home: Path) -> None:
    env = {"HOME": str(home), "RESNET_BENCH_CACHE": str(home / "cache")}
    done = run(*COMPARE, cwd=home, prefix=as_nobody(), env=env)
    assert done.code == 0, done.err
    assert "cannot be used here: " in done.err
    assert "throttle" in done.out
    named = refused(as_nobody(), (*LOCAL, "--limiter", "cgroup-v1"), home, env)
    assert "the limiter cgroup-v1 cannot be used here" in named.error()


@pytest.mark.cgroup
@pytest.mark.parametrize("count", [2, 12])
def test_a_limit_of_processes_is_told_and_leaves_none(count: int, home: Path) -> None:
    env = {"HOME": str(home), "RESNET_BENCH_CACHE": str(home / "cache")}
    prefix = (*within("prlimit", f"--nproc={count}:{count}"), *as_nobody())
    done = run(*COMPARE, cwd=home, prefix=prefix, env=env)
    assert done.code in {3, 4}, done
    assert done.error()
    assert "a defect" not in done.err


def test_a_cache_where_nobody_may_write_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = refused((), LOCAL, tmp_path, {"RESNET_BENCH_CACHE": "", "HOME": str(tmp_path / "file")})
    assert "cannot write to the cache" in done.error()
    assert "RESNET_BENCH_CACHE" in done.err


def test_a_port_that_only_root_may_have_is_told(home: Path) -> None:
    env = {"HOME": str(home), "RESNET_BENCH_CACHE": str(home / "cache")}
    done = refused(as_nobody(), ("emulate", "--port", "80", *RANDOM), home, env)
    assert "cannot listen on 127.0.0.1:80: Permission denied" in done.error()


# --- networks and mounts --------------------------------------------------------------------------------------


def test_a_machine_without_the_loopback_address_is_told_how_to_have_it(tmp_path: Path) -> None:
    script = 'ip link set lo up && ip addr del 127.0.0.1/8 dev lo && exec "$0" "$@"'
    done = refused((*within("unshare", "-n"), "sh", "-c", script), COMPARE, tmp_path)
    assert "cannot listen on 127.0.0.1:0: Cannot assign requested address" in done.error()
    assert "ip link set lo up" in done.err


@pytest.mark.parametrize("lacking", ["/proc", "/dev"])
def test_a_machine_without_its_kernels_files_is_told_which(lacking: str, tmp_path: Path) -> None:
    script = f'mount -t tmpfs none {lacking} && exec "$0" "$@"'
    done = refused((*within("unshare", "-m"), "sh", "-c", script), LOCAL, tmp_path)
    assert lacking in done.error()


def test_a_place_for_temporary_files_that_is_full_does_no_harm(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=100k none "$TMPDIR" && head -c 100k /dev/zero >"$TMPDIR/full"; exec "$0" "$@"'
    (tmp_path / "tmp").mkdir()
    prefix = (*within("unshare", "-m"), "sh", "-c", script)
    done = run(*COMPARE, cwd=tmp_path, prefix=prefix, env={"TMPDIR": str(tmp_path / "tmp")})
    assert done.code == 0, done.err


# --- folders and names ----------------------------------------------------------------------------------------


def test_a_current_folder_that_has_been_removed_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = refused(("sh", "-c", 'cd gone && rmdir ../gone && exec "$0" "$@"'), LOCAL, tmp_path)
    assert "the current folder has been removed" in done.error()


NAMES = (
    b"no text \xff\xfe.png",
    b"two\nlines.png",
    b"\x1b]0;a title\x07\x1b[31mred.png",
    b"x" * 251 + b".png",
    b"-rf.png",
)


def test_an_image_may_have_any_name_that_a_file_can_have(tmp_path: Path) -> None:
    paths = [str(tmp_path / os.fsdecode(name)) for name in NAMES]
    for path in paths:
        shutil.copy(CAT, path)
    command = ("compare", *paths, "--engine", "onnx", "--runs", "5", "--warmup", "0", "--cold", "0", *RANDOM)
    done = run(*command, "--save", "run.json", cwd=tmp_path)
    assert done.code == 0, done.err
    names = {sample["image"] for sample in json.loads((tmp_path / "run.json").read_text())["samples"]}
    assert len(names) == len(NAMES)
    assert all(name.isprintable() and name.endswith(".png") for name in names)
    assert not {"\x1b", "\x07"} & set(done.out + done.err)


def test_json_is_whole_in_an_encoding_that_lacks_the_names_characters(tmp_path: Path) -> None:
    shutil.copy(CAT, tmp_path / "Äpfel ☃.png")
    env = {"PYTHONIOENCODING": "ascii:strict"}
    done = run("local", "Äpfel ☃.png", *LOCAL[2:], "--json", cwd=tmp_path, env=env)
    assert done.code == 0, done.err
    assert json.loads(done.out)["result"]["images"][0]["name"] == "Äpfel ☃.png"
    assert done.out.isascii()


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    done = refused((), ("local", "pipe.jpg", *LOCAL[2:]), tmp_path)
    assert "pipe.jpg is not a file but a pipe" in done.error()
