"""Taking the file of an interrupted run in hand, to go on with it: one process at a time."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from resnet_bench.errors import ResultError, UsageError
from resnet_bench.results.disk import explained
from resnet_bench.results.files import load
from resnet_bench.results.journal import lock
from resnet_bench.results.places import document_of, journal_of
from resnet_bench.results.run import Run


@dataclass(frozen=True)
class Claim:
    """``run`` is what was measured until now. It will be written to ``document``, and to ``journal`` until then.

    ``replaces``: the document stands there already, with less of the same run. ``mode`` are the permissions of what
    was read. Nobody else can claim it before ``close``.
    """

    run: Run
    document: Path
    journal: Path
    replaces: bool
    mode: int
    _descriptor: int

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def claim(path: Path) -> Claim:
    """The unfinished run in ``path``, a result file or a journal. Where both of it are there, the journal has more.

    Raises:
        ResultError: it cannot be read, is being written, or stands beside the journal of another run.
        UsageError: it is finished.
    """
    path = path.resolve()  # a link stays one
    journal, document = journal_of(path), document_of(path)
    _require_unfinished(load(path), path)
    source = path
    if path == document and journal.exists():
        if not _same(journal, load(document)):
            raise ResultError(
                f"beside {path} stands the journal of another run", f"Show it, then move it away: {journal}"
            )
        source = journal
    descriptor = _locked(source)
    try:
        run = load(source)  # again: now nobody writes it
        replaces = _same(document, run)
        if replaces:
            _require_unfinished(load(document), document)
        return Claim(run, document, journal, replaces, stat.S_IMODE(source.stat().st_mode), descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def _locked(path: Path) -> int:
    with explained(path, None):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            lock(descriptor)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BlockingIOError:
            pass
        except OSError:
            os.close(descriptor)
            raise
        # Held by another, or put in place of the file that was opened by one that holds the new one.
        os.close(descriptor)
        raise ResultError(
            f"a run is writing {path} at this moment", "Wait for its end; if it was interrupted, resume it then."
        )


def _require_unfinished(run: Run, path: Path) -> None:
    if run.finished:
        raise UsageError(
            f"{path} is a finished run: there is nothing left to do",
            f"show it: resnet-bench show {path}; for more, measure again with more --runs",
        )


def _same(path: Path, run: Run) -> bool:
    """Whether ``path`` is there and holds this run, or a part of it. A second run may begin within the same second."""
    if not path.exists():
        return False
    try:
        other = load(path)
    except ResultError:
        return False
    return (other.created_at, other.settings, other.samples[:1]) == (run.created_at, run.settings, run.samples[:1])
