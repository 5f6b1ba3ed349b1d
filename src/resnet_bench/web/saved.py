"""The result files of one folder: listed, found, and one more written."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from resnet_bench.errors import ResultError
from resnet_bench.results.files import ResultWriter, load
from resnet_bench.results.run import Run
from resnet_bench.web.drawing import Drawing
from resnet_bench.web.listings import SavedResult

# Of so many files the newest are listed, and a larger one is not read: it would hold up whoever looks at the page.
_LISTED = 100
_LIMIT_BYTES = 64 * 1024 * 1024
_STILL_HERE = "The session is here until this server ends: mend that and save it again, or download it."
_TOO_LARGE = "too large for the page; `resnet-bench report` draws it"

# Which file, and whether it has changed since.
Version = tuple[str, int, int]


class SavedResults:
    """Those of ``folder``, which need not exist. Only what is listed can be asked for, so that no name is a path.

    ``prices`` is the folder of the prices that AWS was asked for, if there is one.
    """

    def __init__(self, folder: Path, prices: Path | None = None) -> None:
        self._folder, self._prices = folder, prices
        self._entries: dict[Version, SavedResult] = {}

    def files(self) -> list[tuple[Path, Version]]:
        """The newest first."""
        found = list(self._files())
        listed = {version for _, version in found}
        self._entries = {version: entry for version, entry in self._entries.items() if version in listed}
        return found

    def entry(self, path: Path, version: Version) -> SavedResult:
        """Of one of ``files``, which is read once, until it changes."""
        if version not in self._entries:
            self._entries[version] = _entry(path, version)
        return self._entries[version]

    def find(self, name: str) -> tuple[Path, Version]:
        """
        Raises:
            KeyError: no such file.
            ResultError: it is too large to be drawn.
        """
        for path, version in self._files():
            if path.name == name:
                if version[1] > _LIMIT_BYTES:
                    raise ResultError(f"{name} is {_TOO_LARGE}")
                return path, version
        raise KeyError(name)

    def draw(self, path: Path) -> Drawing:
        """Begin to draw one that was found.

        Raises:
            SandboxError: it cannot be begun.
        """
        return Drawing(path, self._prices)

    def save(self, run: Run) -> str:
        """Write ``run`` under a name of its own, and say which.

        Raises:
            ResultError: it cannot be written; then nothing of it is left in the folder.
        """
        try:
            return self._write(run)
        except ResultError as error:
            raise ResultError(error.message, _STILL_HERE) from error

    def _write(self, run: Run) -> str:
        writer = ResultWriter(run, folder=self._folder)
        try:
            with writer:
                for sample in run.samples:
                    writer.add(sample)
        except ResultError:
            # The whole session is in memory: a part of it as a journal, one more with each try, would help nobody.
            writer.journal_path.unlink(missing_ok=True)
            raise
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
        datetime.fromisoformat(run.created_at).astimezone(UTC)  # as it will be shown
    except ResultError as error:
        return SavedResult(path.name, problem=error.message.removeprefix(f"{path} is ").removeprefix(f"{path}: "))
    except (ValueError, OverflowError):
        return SavedResult(path.name, problem="it does not tell when it was made")
    return SavedResult(
        path.name,
        command=run.settings.command,
        created_at=run.created_at,
        engines=run.settings.engines,
        samples_count=len(run.samples),
        finished=run.finished,
    )
