"""What runs that were killed have left behind: sandboxes, cgroups, journals, temporary folders. Nothing is removed."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from resnet_bench.diagnosis.figures import reading
from resnet_bench.results.diagnosis import Finding

# ``sandbox.limits.naming``: the maker's pid is in the name.
_CAGE = re.compile(r"resnet-bench-(\d+)-\d+-")
_TEMPORARY = "resnet-bench-*"
_JOURNALS = "*.partial.jsonl"
# What the launcher adds to whatever it starts.
_MARK = b"RESNET_BENCH_STARTED_NS="
_SHOWN = 3
# A machine of many containers has thousands of cgroups; ours lie near the top or near this process.
_MOST_FOLDERS = 20_000


@dataclass(frozen=True)
class Places:
    """Where leftovers are looked for; tests put others in their places."""

    results: Path
    proc: Path = Path("/proc")
    cgroups: Path = Path("/sys/fs/cgroup")
    temporary: Path = Path(tempfile.gettempdir())


def examine_leftovers(places: Places) -> Iterator[Finding]:
    alive = _processes(places.proc)
    yield _cgroups(places.cgroups, alive)
    yield _sandboxes(places.proc, alive)
    yield _temporary(places)
    yield from _journals(places)


def _processes(proc: Path) -> list[int]:
    with suppress(OSError):
        return [int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()]
    return []


def _cgroups(root: Path, alive: Sequence[int]) -> Finding:
    known, left = {*alive}, []
    for count, (folder, below, _) in enumerate(os.walk(root)):
        for name in below:
            found = _CAGE.match(name)
            if found is not None and int(found[1]) not in known:
                left.append(Path(folder, name))
        if count > _MOST_FOLDERS:
            break
    return _left("leftover-cgroups", "cgroups of ended runs", left, "rmdir", "they hold memory of the kernel's")


def _sandboxes(proc: Path, alive: Sequence[int]) -> Finding:
    """Programs that a sandbox started and whose starter is gone: only init, or nobody, is their parent."""
    left = []
    for pid in alive:
        with suppress(OSError, IndexError, ValueError):
            if _MARK in (proc / str(pid) / "environ").read_bytes() and _is_orphan(proc, pid):
                left.append(pid)
    return _left("leftover-sandboxes", "sandboxes of ended runs", left, "kill -9", "they take CPU time and memory")


def _is_orphan(proc: Path, pid: int) -> bool:
    """In a container this program itself may be the first process."""
    parent = _parent(proc, pid)
    first = proc / "1" / "cmdline"
    return parent < 1 or (parent == 1 and not (first.exists() and b"resnet-bench" in first.read_bytes()))


def _parent(proc: Path, pid: int) -> int:
    # proc(5): the name is in parentheses and may hold any character; after it state and parent.
    return int((proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])


def _temporary(places: Places) -> Finding:
    left = []
    with suppress(OSError):
        left = [folder for folder in sorted(places.temporary.glob(_TEMPORARY)) if not _in_use(folder, places.proc)]
    return _left("leftover-temporary", "temporary folders", left, "rm -r", "they take room")


def _in_use(folder: Path, proc: Path) -> bool:
    """Whether a sandbox that runs works in it: it is the TMPDIR of a function."""
    wanted = os.fsencode(str(folder))
    for pid in _processes(proc):
        with suppress(OSError):
            if wanted in (proc / str(pid) / "environ").read_bytes():
                return True
    return False


def _journals(places: Places) -> Iterator[Finding]:
    """Of runs that did not come to their end; what they measured is in there."""
    found = []
    with suppress(OSError):
        found = sorted(places.results.glob(_JOURNALS))
    left = [journal for journal in found if not _written(journal, places.proc)]
    if not left:
        yield _finding("leftover-journals", "journals of ended runs", 0, "none")
    for journal in left:
        name = shlex.quote(str(journal))
        yield _finding(
            "leftover-journals",
            f"journal {journal}",
            1,
            "a run was killed before its end",
            follows="what it measured is in there",
            todo=f"resnet-bench show {name}, or go on with it where its command takes --resume",
        )


def _written(file: Path, proc: Path) -> bool:
    """Whether a process of ours has it open."""
    with suppress(OSError):
        same = file.stat()
        for pid in _processes(proc):
            with suppress(OSError):
                for handle in (proc / str(pid) / "fd").iterdir():
                    with suppress(OSError):
                        if os.path.samestat(handle.stat(), same):
                            return True
    return False


def _left(code: str, what: str, left: Sequence[object], removal: str, why: str) -> Finding:
    if not left:
        return _finding(code, what, 0, "none")
    some = " ".join(shlex.quote(str(one)) for one in left[:_SHOWN])
    more = f", and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    return _finding(code, what, len(left), f"{len(left)}: {some}{more}", follows=why, todo=f"{removal} {some}")


def _finding(code: str, what: str, count: int, told: str, *, follows: str = "", todo: str = "") -> Finding:
    return Finding(
        code=code,
        subject="leftovers",
        what=what,
        verdict="doubt" if count else "ok",
        told=told,
        measured=(reading("found", count, "count"),),
        follows=follows,
        todo=todo,
    )
