"""The result files of one folder: listed, drawn, and one more written."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from resnet_bench.errors import ResultError
from resnet_bench.prices.table import Prices, packaged
from resnet_bench.progress import SILENT
from resnet_bench.report import gather
from resnet_bench.report.html import fragment
from resnet_bench.results.files import ResultWriter, load
from resnet_bench.results.run import Run
from resnet_bench.web.listings import SavedResult

# Of so many files the newest are listed, and a larger one is not read: it would hold up whoever looks at the page.
_LISTED = 100
_LIMIT_BYTES = 64 * 1024 * 1024
_TOO_LARGE = "too large for the page; `resnet-bench report` draws it"

# Which file, and whether it has changed since.
Version = tuple[str, int, int]


class SavedResults:
    """Those of ``folder``, which need not exist. Only what is listed can be asked for, so that no name is a path.

    ``prices_for`` tells the prices of a region.
    """

    def __init__(self, folder: Path, prices_for: Callable[[str | None], Prices] = packaged) -> None:
        self._folder = folder
        self._prices_for = prices_for
        self._entries: dict[Version, SavedResult] = {}
        self._drawn: tuple[Version, str] | None = None

    def entries(self) -> list[SavedResult]:
        """The newest first. Each file is read once, until it changes."""
        found = {version: self._entries.get(version) or _entry(path, version) for path, version in self._files()}
        self._entries = found
        return list(found.values())

    def report(self, name: str) -> str:
        """The result's report, as HTML to stand in the page; the last one is kept.

        Raises:
            KeyError: no such file.
            ResultError: it cannot be read.
        """
        path, version = next(((path, version) for path, version in self._files() if path.name == name), (None, None))
        if path is None or version is None:
            raise KeyError(name)
        if version[1] > _LIMIT_BYTES:
            raise ResultError(f"{name} is {_TOO_LARGE}")
        if self._drawn is None or self._drawn[0] != version:
            (page,) = gather([(name, load(path))], SILENT, self._prices_for)
            self._drawn = (version, fragment(page, "saved"))
        return self._drawn[1]

    def save(self, run: Run) -> str:
        """Write ``run`` under a name of its own, and say which.

        Raises:
            ResultError: it cannot be written.
        """
        writer = ResultWriter(run, folder=self._folder)
        with writer:
            for sample in run.samples:
                writer.add(sample)
        return writer.path.name

    def _files(self) -> Iterator[tuple[Path, Version]]:
        """Plain files only: a link could lead out of the folder."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                status = path.lstat()
            except OSError:
                continue  # gone meanwhile
            if stat.S_ISREG(status.st_mode):
                found.append((status.st_mtime_ns, path, (path.name, status.st_size, status.st_mtime_ns)))
        for _, path, version in sorted(found, reverse=True)[:_LISTED]:
            yield path, version


def _entry(path: Path, version: Version) -> SavedResult:
    if version[1] > _LIMIT_BYTES:
        return SavedResult(path.name, problem=_TOO_LARGE)
    try:
        run = load(path)
        datetime.fromisoformat(run.created_at)
    except ResultError as error:
        return SavedResult(path.name, problem=error.message.removeprefix(f"{path} is ").removeprefix(f"{path}: "))
    except ValueError:
        return SavedResult(path.name, problem="it does not tell when it was made")
    return SavedResult(
        path.name,
        command=run.settings.command,
        created_at=run.created_at,
        engines=run.settings.engines,
        samples_count=len(run.samples),
        finished=run.finished,
    )
