"""The journal: what a run in progress keeps on disk, so that nothing measured is lost.

``NAME.partial.jsonl`` stands next to the ``NAME.json`` that it will become. Its first line is the run without
samples; each further line is one sample, caveat or level, so that saving costs the same for the thousandth sample as
for the first. A sample line whose index was used before replaces that sample (a trace that came late).

A line is handed to the kernel at once, which survives the death of this process (kill -9). It is not forced
to the disk, because waiting for the disk between two measurements would disturb them; a power cut may cost the
last seconds.

Whoever writes a journal holds a lock on it, which the kernel drops with the process: whether a journal is that of a
run in progress or of one that was killed can be told. Reading asks for none.
"""

from __future__ import annotations

import errno
import fcntl
import operator
import os
import secrets
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec.structs import replace

from resnet_bench.errors import ResultError
from resnet_bench.results.levels import LoadLevel
from resnet_bench.results.records import Sample
from resnet_bench.results.run import Caveat, Run
from resnet_bench.unreadable import UNREADABLE, reason

TORN_LINE = "torn-journal"


class SampleLine(msgspec.Struct, frozen=True, tag="sample", tag_field="line"):
    index: int
    sample: Sample


class CaveatLine(msgspec.Struct, frozen=True, tag="caveat", tag_field="line"):
    caveat: Caveat


class LevelLine(msgspec.Struct, frozen=True, tag="level", tag_field="line"):
    level: LoadLevel


class Journal:
    """An open journal. ``OSError`` is raised as it comes; the writer explains it."""

    def __init__(self, path: Path, header: Run, *, overwrite: bool) -> None:
        """Create the file, which also reserves its name.

        Raises:
            FileExistsError: there is one already, and ``overwrite`` is False.
            BlockingIOError: there is one, and a run is writing it.
        """
        self.path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | (0 if overwrite else os.O_EXCL), 0o666)
        self._size = 0
        try:
            lock(self._descriptor)
        except BlockingIOError:
            self.close()
            raise
        try:
            os.ftruncate(self._descriptor, 0)
            self._append(msgspec.json.encode(header))
        except OSError:
            self.discard()
            raise

    @classmethod
    def of(cls, path: Path, run: Run, *, mode: int) -> Self:
        """One that holds all of ``run`` already, in place of the file that stands at ``path``, if any.

        It appears there whole, on the disk and locked: whatever happens, the old file or this one is there. ``mode``
        are its permissions.

        Raises:
            OSError: as it comes; nothing has changed then.
        """
        temporary = path.with_name(f".resnet-bench-{secrets.token_hex(6)}.tmp")
        journal = cls(temporary, replace(run, samples=(), levels=(), finished=False), overwrite=False)
        try:
            os.fchmod(journal._descriptor, mode)
            for index, sample in enumerate(run.samples):
                journal.add(index, sample)
            for level in run.levels:
                journal.add_level(level)
            os.fsync(journal._descriptor)
            temporary.replace(path)
        except BaseException:
            journal.discard()
            raise
        journal.path = path
        return journal

    def add(self, index: int, sample: Sample) -> None:
        """Append a sample.

        Raises:
            ResultError: it holds a number that JSON lacks (a NaN is written as null); found now, and not when the
                whole file is read.
        """
        line = msgspec.json.encode(SampleLine(index, sample))
        try:
            msgspec.json.decode(line, type=SampleLine)
        except msgspec.ValidationError as error:
            raise ResultError(
                f"sample {index} cannot be saved: {error}", "The network or a clock gave no number; check the weights."
            ) from error
        self._append(line)

    def add_caveat(self, caveat: Caveat) -> None:
        self._append(msgspec.json.encode(CaveatLine(caveat)))

    def add_level(self, level: LoadLevel) -> None:
        self._append(msgspec.json.encode(LevelLine(level)))

    def _append(self, line: bytes) -> None:
        left = memoryview(line + b"\n")
        length = len(left)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError:
            # Half a line in the middle would spoil the file if the disk has room again later.
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            raise
        self._size += length

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def discard(self) -> None:
        """Close and remove: everything in here is safe elsewhere, or there is nothing."""
        self.close()
        self.path.unlink(missing_ok=True)


def lock(descriptor: int) -> None:
    """Take the lock of an open file, or leave it where the file system has none.

    Raises:
        BlockingIOError: another process holds it.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}:
            raise


def read_journal(header: dict[str, Any], lines: list[bytes], where: str) -> dict[str, Any]:
    """The document that the journal would have become, as decoded JSON of the header's own version.

    ``lines`` are those after the header. A last line without its line end was cut off when the process died: it
    is left out, and a caveat says so.

    Raises:
        ResultError: a line within the journal is damaged.
    """
    torn = lines.pop() if lines else b""
    samples: dict[int, Any] = {}
    caveats, levels = _listed(header, "caveats"), _listed(header, "levels")
    for number, line in enumerate(lines, start=2):
        try:
            entry = msgspec.json.decode(line)
            if entry["line"] == "sample":
                samples[operator.index(entry["index"])] = entry["sample"]
            elif entry["line"] == "level":
                levels.append(entry["level"])
            else:
                caveats.append(entry["caveat"])
        except (*UNREADABLE, KeyError, TypeError) as error:
            raise ResultError(
                f"{where} is damaged in line {number}: {reason(error)}",
                "Delete that line if the rest is worth keeping, or measure again.",
            ) from error
    if torn:
        caveats.append(msgspec.to_builtins(_torn(len(samples))))
    in_order = [samples[index] for index in sorted(samples)]
    return {**header, "samples": in_order, "caveats": caveats, "levels": levels, "finished": False}


def _listed(header: dict[str, Any], name: str) -> list[Any]:
    """Whatever else stands there is refused with the header itself, which ``read_run`` checks; no line may hide it."""
    found = header.get(name, [])
    return [*found] if isinstance(found, list) else [found]


def _torn(kept_count: int) -> Caveat:
    return Caveat(
        code=TORN_LINE,
        message=f"the run died while it wrote a line of its journal; the {kept_count} samples before it were kept",
        next_step="Measure again if those samples are too few.",
    )
