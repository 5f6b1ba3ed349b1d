"""Result files: a ``Run`` or a ``ResultError``, and a run can be written and is read again as it was."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from fuzz.mutators.documents import document_mutator
from fuzz.runs import WORDS, runs
from fuzz.target import FOLDER, Target
from resnet_bench.errors import ResultError
from resnet_bench.results.files import load, written
from resnet_bench.results.run import Run

_FILE = Path(tempfile.mkdtemp(prefix="fuzz-results-")) / "a.json"


def target(data: bytes) -> None:
    found = loaded(data)
    if found is not None:
        again = loaded(written(found))
        assert again == found


def loaded(data: bytes) -> Run | None:
    _FILE.write_bytes(data)
    try:
        found = load(_FILE)
    except ResultError as error:
        assert str(_FILE) in error.message
        assert error.hint
        return None
    assert isinstance(found, Run)
    return found


def seeds() -> Iterator[bytes]:
    for run in runs():
        yield written(run)
    yield (FOLDER.parent / "golden" / "result-v1.json").read_bytes()


TARGET = Target(target, seeds, document_mutator(*WORDS, "version", "result"), longest=80_000)
