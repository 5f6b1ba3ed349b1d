"""What result files and their journals are called, and which of them belong together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from resnet_bench.results.run import Run

SUFFIX = ".json"
JOURNAL_SUFFIX = ".partial.jsonl"


def journal_of(path: Path) -> Path:
    """Where the journal of the result file ``path`` stands while it is written; itself, if it is one."""
    if path.name.endswith(JOURNAL_SUFFIX):
        return path
    return path.with_name(path.name.removesuffix(SUFFIX) + JOURNAL_SUFFIX)


def document_of(path: Path) -> Path:
    """The result file that the journal ``path`` becomes; itself, if it is none."""
    if not path.name.endswith(JOURNAL_SUFFIX):
        return path
    return path.with_name(path.name.removesuffix(JOURNAL_SUFFIX) + SUFFIX)


def default_name(run: Run) -> str:
    return f"{run.created_at[:19].replace(':', '-')}-{run.settings.command}{SUFFIX}"


def numbered(path: Path) -> Iterator[Path]:
    """``name.json``, ``name-2.json``, ``name-3.json`` and so on."""
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
