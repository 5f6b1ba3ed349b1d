"""What is installed, and whether there is room: versions, tools, disk, memory, what a shell allows."""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from resnet_bench.container.tools import NAMES as CONTAINER_TOOLS
from resnet_bench.container.tools import find
from resnet_bench.diagnosis.about import About
from resnet_bench.diagnosis.figures import reading
from resnet_bench.errors import ContainerError
from resnet_bench.results.diagnosis import Finding, Topic, Verdict
from resnet_bench.sandbox.limits.mounts import find_v1, find_v2
from resnet_bench.sandbox.memory import available_bytes
from resnet_bench.units import MIB, format_bytes

PACKAGE = "resnet-bench"
# Weights in every form that the engines need, a few results, the files of emulated environments.
CACHE_BYTES, RESULTS_BYTES, TEMPORARY_BYTES = 400 * MIB, 16 * MIB, 64 * MIB
FUNCTION_BYTES = 1024 * MIB
# Under load each of 256 callers has a socket here and one at the far end.
OPEN_FILES = 1024
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?\s*(?:>=\s*([\d.]+))?\s*(?:;\s*(.*))?")
_NUMBERS = re.compile(r"\d+")

Version = Callable[[str], str]
_finding = About("installed")


def examine_installed(cache: Path, results: Path, *, tools: bool, encoding: str, writes: bool) -> Iterator[Finding]:
    """``cache`` and ``results`` are folders, which need not exist; ``tools`` asks container tools whether they work.

    ``encoding`` is of standard output; ``writes`` says that the cache has to be written to: nothing is prepared there.
    """
    yield python()
    yield from packages(metadata.requires(PACKAGE) or (), metadata.version)
    yield from container_tools(ask=tools)
    yield room("disk-cache", "cache", cache, CACHE_BYTES, needed=writes)
    yield room("disk-results", "results", results, RESULTS_BYTES, needed=True)
    yield room("disk-temporary", "temporary files", Path(tempfile.gettempdir()), TEMPORARY_BYTES, needed=True)
    yield memory(_available(), len(os.sched_getaffinity(0)))
    yield open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    yield shared_memory(Path("/dev/shm"))  # noqa: S108 - looked at, not written to  # nosec B108
    yield terminal(encoding)


def python() -> Finding:
    wanted = metadata.metadata(PACKAGE)["Requires-Python"] or ""
    least = _numbers(wanted)
    old = bool(least) and sys.version_info[: len(least)] < least
    return _finding(
        "installed-python",
        "Python",
        "fault" if old else "ok",
        f"{platform.python_implementation()} {platform.python_version()} ({wanted})",
        todo="install a newer one" if old else "",
    )


def packages(requirements: Sequence[str], version: Version) -> Iterator[Finding]:
    """Those that this package's own metadata ask for; ``version`` raises PackageNotFoundError of those not installed.

    What an extra asks for may be missing.
    """
    for text in requirements:
        found = _REQUIREMENT.fullmatch(text)
        if found is None or "dev" in (found[3] or ""):
            continue
        name, least, extra = found[1], found[2] or "", bool(found[3])
        try:
            has = version(name)
        except metadata.PackageNotFoundError:
            if not extra:
                yield _finding(
                    "installed-package",
                    name,
                    "fault",
                    "not installed",
                    follows="commands that need it fail",
                    todo=f"pip install '{name}>={least}'",
                    topics=("local timings",),
                )
            continue
        old = _numbers(has) < _numbers(least)
        yield _finding(
            "installed-package",
            name,
            "doubt" if old else "ok",
            f"{has} (>={least})",
            follows="nobody has tried this version" if old else "",
            todo=f"pip install '{name}>={least}'" if old else "",
        )


def _numbers(version: str) -> tuple[int, ...]:
    """The release alone: ``2.9.1+cpu`` is 2, 9, 1."""
    return tuple(map(int, _NUMBERS.findall(version.partition("+")[0])))


def container_tools(*, ask: bool) -> Iterator[Finding]:
    """None is needed to measure; one is to build, deploy, or emulate an image."""
    for name in (*CONTAINER_TOOLS, "runc"):
        path = shutil.which(name)
        if path is None:
            told, works = "not installed", False
        elif not ask or name not in CONTAINER_TOOLS:
            told, works = "installed", True
        else:
            try:
                find((name,))
            except ContainerError as error:
                told, works = error.message, False
            else:
                told, works = "works", True
        yield _finding("installed-tool", name, "ok" if works else "not measured", told)


def room(code: str, what: str, folder: Path, bytes_needed: int, *, needed: bool) -> Finding:
    """Whether ``folder``, or where it would be made, can be written to and has room."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        return _finding(code, f"{what}: {folder}", "not measured", error.strerror or str(error))
    writable, enough = os.access(there, os.W_OK | os.X_OK) and there.is_dir(), free >= bytes_needed
    good = writable and enough
    wrong: Verdict = "fault" if needed else "doubt"
    told = f"{format_bytes(free)} free" if writable else "it cannot be written to"
    topics: tuple[Topic, ...] = ("saved results",) if code == "disk-results" else ("local timings",)
    return _finding(
        code,
        f"{what}: {folder}",
        "ok" if good else wrong,
        told,
        reading("free", free, "bytes"),
        follows="" if good else _WITHOUT_ROOM.get(code, "commands fail before they measure"),
        todo="" if good else _ROOM.get(code, "free some space"),
        topics=topics,
    )


_WITHOUT_ROOM = {"disk-results": "what is measured cannot be saved"}
_ROOM = {
    "disk-cache": "set RESNET_BENCH_CACHE to a folder of yours with 400 MB free",
    "disk-results": "work in a folder of yours, or give --save FILE (or --no-save)",
    "disk-temporary": "set TMPDIR to a folder of yours with room",
}


def _available() -> int | None:
    """The least of what the machine has and what a limit on ourselves leaves."""
    known = [size for size in (available_bytes(), *_own_limits()) if size is not None]
    return min(known, default=None)


def _own_limits() -> Iterator[int]:
    with suppress(OSError):
        for place, limit, used in (
            (find_v1("memory"), "memory.limit_in_bytes", "memory.usage_in_bytes"),
            (find_v2(), "memory.max", "memory.current"),
        ):
            if place is not None:
                with suppress(OSError, ValueError):
                    yield max(0, int((place.own / limit).read_text()) - int((place.own / used).read_text()))


def memory(available: int | None, cpus: int) -> Finding:
    if available is None:
        return _finding("installed-memory", "memory", "not measured", "the kernel makes no estimate of what is free")
    fits = available >= FUNCTION_BYTES
    return _finding(
        "installed-memory",
        "memory for new programs",
        "ok" if fits else "doubt",
        f"{format_bytes(available)}, {cpus} CPUs",
        reading("available", available, "bytes"),
        follows="" if fits else "a function of 1024 MB may not get its memory: the machine swaps, or kills it",
        todo="" if fits else "close other programs, or emulate a smaller one: --memory 512",
        topics=("memory figures", "cold starts"),
    )


def open_files(limit: int) -> Finding:
    enough = limit == resource.RLIM_INFINITY or limit >= OPEN_FILES
    return _finding(
        "installed-files",
        "open files allowed",
        "ok" if enough else "doubt",
        "any number" if limit == resource.RLIM_INFINITY else f"{limit:,}",
        follows="" if enough else "load with many callers fails",
        todo="" if enough else f"ulimit -n {OPEN_FILES}",
    )


def shared_memory(folder: Path) -> Finding:
    good = folder.is_dir() and os.access(folder, os.W_OK)
    return _finding(
        "installed-shm",
        str(folder),
        "ok" if good else "doubt",
        "can be written to" if good else "missing, or not to be written to",
        follows="" if good else "a push to ECR would keep its token on the disk instead of in memory",
    )


def terminal(encoding: str) -> Finding:
    whole = encoding.lower().replace("-", "") == "utf8"
    return _finding(
        "installed-terminal",
        "output",
        "ok",
        f"{encoding}, {shutil.get_terminal_size().columns} columns",
        follows="" if whole else "lines and bars are drawn in ASCII",
    )
