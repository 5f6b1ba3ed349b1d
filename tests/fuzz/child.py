"""One target under atheris, in a process of its own that the driver has started.

When the time is up it writes a ``Tried`` as JSON. Where an input has broken something, libFuzzer ends
the process with another code than 0 and leaves that input in ``artefacts``. New inputs go into the first folder.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from pathlib import Path

import msgspec

from resnet_bench.sandbox.memory import peak_rss_bytes, rss_bytes

# By then everything is imported and the caches are full.
_SETTLED = 1000
# Of one input by the wall clock, on a machine that does other things too. The target itself goes by CPU time.
_HANGS_AFTER_S = 600


class Task(msgspec.Struct, frozen=True):
    """The process's argument. ``cpu_s`` is its own CPU time; the folders hold inputs to begin with.

    ``told`` is the file for the ``Tried``: atheris writes to standard output and to standard error as it likes.
    """

    target: str
    cpu_s: float
    rss_limit_mb: int
    artefacts: str
    told: str
    folders: list[str]


class Tried(msgspec.Struct, frozen=True):
    """How many inputs; and what was resident after the first thousand of them, in the end, and at most."""

    inputs: int
    early_rss_bytes: int
    rss_bytes: int
    peak_rss_bytes: int


def main() -> None:
    task = msgspec.json.decode(sys.argv[1], type=Task)
    import atheris

    # Pillow's own Python too: it reads what stands around the pixels. Only what is imported now is instrumented.
    with atheris.instrument_imports(include=["resnet_bench", "PIL"]):
        from fuzz.target import load

        target = load(task.target)
    for seed in target.seeds():
        (Path(task.folders[0]) / f"seed-{hashlib.sha256(seed).hexdigest()[:16]}").write_bytes(seed)
    begun_s = time.process_time()
    inputs = early_rss_bytes = 0

    def once(data: bytes) -> None:
        nonlocal inputs, early_rss_bytes
        cpu_s = time.process_time() - begun_s
        if inputs == _SETTLED:
            early_rss_bytes = rss_bytes()
        if cpu_s > task.cpu_s:
            told = Tried(inputs, early_rss_bytes or rss_bytes(), rss_bytes(), peak_rss_bytes())
            Path(task.told).write_bytes(msgspec.json.encode(told))
            os._exit(0)  # libFuzzer itself ends by the wall clock only
        inputs += 1
        target.exercise(data)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        def blindly(part: bytes) -> bytes:
            return atheris.Mutate(part, max(64, 2 * len(part)))

        assert target.mutate is not None
        changed = target.mutate(data, random.Random(seed), blindly)
        return changed if len(changed) <= most else atheris.Mutate(data, most)

    options = [
        f"-timeout={_HANGS_AFTER_S}",
        f"-rss_limit_mb={task.rss_limit_mb}",
        f"-artifact_prefix={task.artefacts}/",
        f"-max_len={target.longest}",
        "-len_control=0",
        *([f"-dict={_dictionary(target.dictionary, task.artefacts)}"] if target.dictionary else []),
    ]
    own = {} if target.mutate is None else {"custom_mutator": mutated}
    atheris.Setup([sys.argv[0], *options, *task.folders], once, **own)
    atheris.Fuzz()


def _dictionary(words: tuple[bytes, ...], folder: str) -> Path:
    path = Path(folder) / "dictionary"
    path.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in words))
    return path


if __name__ == "__main__":
    main()
