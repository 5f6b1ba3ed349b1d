"""A few small inputs that lead everywhere that many lead: what is kept in ``corpus/`` of what fuzzing has found.

``python -m fuzz.distil [TARGET...]``: of what ``.fuzz/`` holds, the smallest first, whatever takes a step within this
program that none before it took. Needs no atheris: steps are seen by Python's own tracing. Those named ``found-`` stay.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from fuzz import target
from fuzz.drive import KEPT

FOUND = "found-"
# Of one target, in bytes. All corpora together shall stay below 1.5 MB.
_MOST = 60_000
_LONGEST = 20_000

Step = tuple[CodeType, int, int]


def main() -> None:
    for name in sys.argv[1:] or target.names():
        kept = distilled(name, _candidates(name))
        folder = target.CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in target.corpus(name):
            if not old.name.startswith(FOUND):
                old.unlink()
        for data in kept:
            (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        print(f"{name}: {len(kept)} inputs, {sum(map(len, kept)):,} bytes", flush=True)


def distilled(name: str, candidates: Iterable[bytes]) -> list[bytes]:
    one = target.load(name)
    seen: set[Step] = set()
    for seed in (*one.seeds(), *(path.read_bytes() for path in target.corpus(name) if path.name.startswith(FOUND))):
        seen |= steps(one, seed)
    kept, size = [], 0
    for data in sorted({*candidates}, key=lambda data: (len(data), data)):
        if len(data) > _LONGEST or size + len(data) > _MOST:
            break
        if new := steps(one, data) - seen:
            seen |= new
            kept.append(data)
            size += len(data)
    return kept


def steps(one: target.Target, data: bytes) -> set[Step]:
    """From which line to which, in each function of this program."""
    found: set[Step] = set()

    def entered(frame: FrameType, _event: str, _argument: Any) -> Any:
        code, before = frame.f_code, 0
        if "resnet_bench" not in code.co_filename:
            return None

        def within(frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal before
            if event == "line":
                found.add((code, before, frame.f_lineno))
                before = frame.f_lineno
            return within

        return within

    sys.settrace(entered)
    try:
        one.run(data)
    finally:
        sys.settrace(None)
    return found


def _candidates(name: str) -> list[bytes]:
    folders = (KEPT / name / "inputs", target.CORPUS / name)
    return [path.read_bytes() for folder in folders if folder.exists() for path in _files(folder)]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


if __name__ == "__main__":
    main()
