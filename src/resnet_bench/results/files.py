"""Result files: written while a run is in progress, finished atomically, loaded in any version.

    with ResultWriter(run_without_samples, path) as writer:     # NAME.partial.jsonl from here on
        writer.add(sample)                                      # saved before it returns
        writer.finish()                                         # NAME.json, complete or not there at all

Leaving the ``with`` block by an exception (Ctrl-C among them) keeps what was measured as ``finished: false``.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from resnet_bench.errors import ResultError
from resnet_bench.results.disk import explained, read_whole, write_atomically
from resnet_bench.results.journal import Journal, read_journal
from resnet_bench.results.levels import LoadLevel
from resnet_bench.results.places import JOURNAL_SUFFIX, default_name, document_of, journal_of, numbered
from resnet_bench.results.records import Sample
from resnet_bench.results.run import Caveat, Run
from resnet_bench.results.versions import read_run, read_todays
from resnet_bench.unreadable import UNREADABLE, reason

if TYPE_CHECKING:
    from resnet_bench.results.claims import Claim

DEFAULT_FOLDER = Path("results")


class ResultWriter:
    """The result file of one run; for one thread at a time.

    Without ``path`` the file is named by date and command under ``folder`` (made if need be), and numbered where that
    name is taken. A ``path`` that exists is refused unless ``overwrite`` is given. With ``resumes`` it goes on with
    ``run``, which holds all that was claimed, where that is. ``path`` and ``journal_path`` say where the results are.

    Raises:
        ResultError: the place cannot be written to; found out before anything is measured.
    """

    def __init__(
        self,
        run: Run,
        path: Path | None = None,
        *,
        overwrite: bool = False,
        folder: Path = DEFAULT_FOLDER,
        resumes: Claim | None = None,
    ) -> None:
        self._header = msgspec.structs.replace(run, samples=(), finished=False)
        self._samples: list[Sample] = []
        self._caveats = list(run.caveats)
        self._levels = list(run.levels)
        self._overwrite = overwrite
        self._finished: Run | None = None
        self._mode: int | None = None
        if resumes is not None:
            self._samples += run.samples
            self.path, self._overwrite, self._mode = resumes.document, resumes.replaces, resumes.mode
            with explained(resumes.journal, "the results"):
                self._journal = Journal.of(resumes.journal, run, mode=resumes.mode)
        elif path is None:
            with explained(folder, "the results"):
                folder.mkdir(parents=True, exist_ok=True)
            self.path, self._journal = self._reserve_free_name(folder / default_name(run))
        else:
            self.path, self._journal = path, self._reserve_given_name(path)

    @property
    def journal_path(self) -> Path:
        return self._journal.path

    @property
    def run(self) -> Run:
        """Everything so far."""
        return self._finished or msgspec.structs.replace(
            self._header,
            samples=tuple(self._samples),
            caveats=tuple(self._caveats),
            levels=tuple(self._levels),
        )

    def add(self, sample: Sample) -> None:
        """Save one more sample.

        Raises:
            ResultError: it could not be saved, and is in ``details``; those before it are safe in the journal.
        """
        # Without a sample in it the journal goes, too.
        kept_in = self.journal_path if self._samples else None
        try:
            with explained(self.journal_path, "a sample", kept_in=kept_in):
                self._journal.add(len(self._samples), sample)
        except ResultError as error:
            error.details = msgspec.json.encode(sample).decode()
            raise
        self._samples.append(sample)

    def replace_samples(self, samples: Sequence[Sample]) -> None:
        """Save what arrived late (traces, REPORT figures): the same samples, in the same order, completed.

        Raises:
            ResultError: as ``add``.
            ValueError: not as many samples as were added.
        """
        for index, (old, new) in enumerate(zip(self._samples, samples, strict=True)):
            if new != old:
                with explained(self.journal_path, "a completed sample", kept_in=self.journal_path):
                    self._journal.add(index, new)
        self._samples = list(samples)

    def add_caveat(self, caveat: Caveat) -> None:
        """Save a doubt.

        Raises:
            ResultError: as ``add``.
        """
        with explained(self.journal_path, "a caveat", kept_in=self.journal_path):
            self._journal.add_caveat(caveat)
        self._caveats.append(caveat)

    def add_level(self, level: LoadLevel) -> None:
        """Save what was seen of a level of a load test, after its samples.

        Raises:
            ResultError: as ``add``.
        """
        with explained(self.journal_path, "a level", kept_in=self.journal_path):
            self._journal.add_level(level)
        self._levels.append(level)

    def finish(self, *, finished: bool = True) -> Run:
        """Write the final document, remove the journal, and give the whole run. A second call does nothing.

        The document appears under ``path`` complete or not at all. A file that has come to stand there meanwhile is
        not overwritten (without ``overwrite``): ``path`` then becomes a numbered name.

        Raises:
            ResultError: it could not be written; everything stays in the journal, which ``load`` reads.
        """
        if self._finished is not None:
            return self._finished
        run = msgspec.structs.replace(self.run, finished=finished)
        if not self._overwrite:
            self.path = next(path for path in numbered(self.path) if not path.exists())
        with explained(self.path, "the results", kept_in=self.journal_path):
            write_atomically(self.path, written(run), mode=self._mode)
            self._finished = run
            self._journal.discard()
        return run

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        elif self._finished is None and not self._samples and not any(seam.aside for seam in self._header.seams):
            self._journal.discard()
        elif isinstance(error, ResultError):
            # Saving failed, and has said that the samples are in the journal.
            self._journal.close()
        else:
            try:
                self.finish(finished=False)
            except ResultError as second:
                # The first error is the one to report.
                self._journal.close()
                error.add_note(f"{second.message}. {second.hint}")

    def _reserve(self, path: Path) -> Journal | None:
        place = journal_of(path)
        with explained(place, "the results"):
            try:
                return Journal(place, self._header, overwrite=self._overwrite)
            except (FileExistsError, BlockingIOError):
                return None

    def _reserve_given_name(self, path: Path) -> Journal:
        if path.is_dir():
            raise ResultError(f"{path} is a folder", "Give --save a file name, such as results.json.")
        if path.exists() and not self._overwrite:
            raise ResultError(f"{path} exists already", "Give --save another name, or move the file away.")
        journal = self._reserve(path)
        if journal is None:
            raise ResultError(
                f"another run is writing {path}, or one was killed while it did",
                f"Its journal stands beside it (*{JOURNAL_SUFFIX}): show it, or give another name.",
            )
        return journal

    def _reserve_free_name(self, path: Path) -> tuple[Path, Journal]:
        for candidate in numbered(path):
            if not candidate.exists() and (journal := self._reserve(candidate)):
                return candidate, journal
        raise AssertionError("numbers never run out")


def load(path: Path) -> Run:
    """Read a result file, or the journal of a run that was killed.

    Raises:
        ResultError: unreadable, not JSON, truncated, not a result, or made by a newer version; it says where.
    """
    try:
        with explained(path, None):
            data = read_whole(path)
        return _read(data, path)
    except MemoryError as error:
        raise ResultError(f"{path} is too large to be read here", "Read it on a machine with more memory.") from error


def _read(data: bytes, path: Path) -> Run:
    """``path`` names them in messages."""
    if (run := read_todays(data)) is not None:
        return run
    if (journal := _journal_in(data)) is not None:
        return read_run(read_journal(*journal, str(path)), str(path))
    try:
        document = msgspec.json.decode(data)
    except UNREADABLE as error:
        raise ResultError(
            f"{path} is not a whole JSON document: {reason(error)}",
            f"It may be cut off, or another kind of file; look for a *{JOURNAL_SUFFIX} beside it.",
        ) from error
    if isinstance(document, dict) and "version" not in document and isinstance(document.get("result"), dict):
        document = document["result"]  # what --json has printed, kept in a file
    return read_run(document, str(path))


def _journal_in(data: bytes) -> tuple[dict[str, Any], list[bytes]] | None:
    """A journal's header and its further lines.

    Only a journal has a whole run on its first line: the final document is indented, and --json prints a "result".
    """
    end = data.find(b"\n")
    if end < 0:
        return None
    try:
        header = msgspec.json.decode(data[:end])
    except UNREADABLE:
        return None
    return (header, data[end + 1 :].split(b"\n")) if isinstance(header, dict) and "result" not in header else None


def rewrite(path: Path, run: Run) -> Path:
    """Put ``run``, made from what ``load`` read of ``path``, in that file's place; where it is saved now.

    Whatever happens, one of the two stands there whole. A journal is left alone, since its run may still be writing
    it: its samples go to the name that it would have been given in the end.

    Raises:
        ResultError: it could not be written, and the old file is as it was; or beside the journal stands a result.
    """
    path = path.resolve()  # a link stays one
    if path.name.endswith(JOURNAL_SUFFIX):
        target = document_of(path)
        if target.exists():
            raise ResultError(f"{target} exists already", f"It is newer than the journal: collect for {target.name}.")
    else:
        target = path
    try:
        write_atomically(target, written(run), mode=stat.S_IMODE(path.stat().st_mode))
    except OSError as error:
        raise ResultError(
            f"{target} could not be written again: {error.strerror}",
            f"{path.name} is as it was; free some space, or copy it to a folder that you may write to.",
        ) from error
    return target


def written(run: Run) -> bytes:
    """The whole document, as it stands in a result file."""
    return msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n"
