"""What killed runs leave is found, and what living ones own is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from examined import only, write_tree
from resnet_bench.diagnosis.leftovers import Places, examine_leftovers
from resnet_bench.results.diagnosis import Finding

NOBODY = 2**22 + 1  # more than pid_max allows


def examined(folder: Path, proc: Path = Path("/proc")) -> list[Finding]:
    for name in ("results", "cgroups", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    return list(examine_leftovers(Places(folder / "results", proc, folder / "cgroups", folder / "tmp")))


def test_nothing_left_is_no_doubt(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    found = examined(tmp_path, tmp_path / "proc")
    assert [(one.verdict, one.told) for one in found] == [("ok", "none")] * 4


def test_a_cgroup_is_left_when_the_process_in_its_name_is_gone(tmp_path: Path) -> None:
    left = tmp_path / "cgroups" / "cpu" / f"resnet-bench-{NOBODY}-1-lambda"
    for folder in (left, tmp_path / "cgroups" / "cpu" / f"resnet-bench-{os.getpid()}-1-lambda"):
        folder.mkdir(parents=True)
    found = only(examined(tmp_path), code="leftover-cgroups")
    assert (found.verdict, found.told, found.todo) == ("doubt", f"1: {left}", f"rmdir {left}")


def test_a_sandbox_is_left_when_its_parent_is_gone(tmp_path: Path) -> None:
    proc = write_tree(
        tmp_path / "proc",
        {
            "71/environ": "RESNET_BENCH_STARTED_NS=5\0",
            "71/stat": "71 (py) odd) S 1 71 71",
            "72/environ": "RESNET_BENCH_STARTED_NS=5\0",
            "72/stat": "72 (python) S 70 72 72",
            "73/environ": "HOME=/\0",
            "73/stat": "73 (init) S 1 1 1",
        },
    )
    found = only(examined(tmp_path, proc), code="leftover-sandboxes")
    assert (found.verdict, found.told, found.todo) == ("doubt", "1: 71", "kill -9 71")
    write_tree(proc, {"1/cmdline": "python\0/usr/bin/resnet-bench\0compare\0"})
    (found,) = [one for one in examined(tmp_path, proc) if one.code == "leftover-sandboxes"]
    assert found.told == "none", "in a container this program may be the first process itself"


def test_a_temporary_folder_of_a_running_function_is_in_use(tmp_path: Path) -> None:
    used, left = (tmp_path / "tmp" / f"resnet-bench-{name}" for name in ("used", "left"))
    for folder in (used, left):
        folder.mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", "import sys; print(flush=True); sys.stdin.read()"],
        env={"TMPDIR": str(used)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as function:
        assert function.stdout is not None
        function.stdout.readline()
        found = only(examined(tmp_path), code="leftover-temporary")
        function.communicate()
    assert found.told == f"1: {left}"


def test_a_journal_is_left_when_nobody_writes_it(tmp_path: Path) -> None:
    write_tree(tmp_path / "results", {"a b.partial.jsonl": "{}", "open.partial.jsonl": "{}", "done.json": "{}"})
    with (tmp_path / "results" / "open.partial.jsonl").open("a"):
        found = only(examined(tmp_path), code="leftover-journals")
    assert found.verdict == "doubt"
    assert found.todo.startswith(f"resnet-bench show '{tmp_path}/results/a b.partial.jsonl'")
    assert found.todo.count("--resume") == 1
