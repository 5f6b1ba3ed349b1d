"""Who uses a model: a run holds its folder, so that nobody puts another calibration in the place of the one in it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resnet_bench.inference.files import lock_file, take
from resnet_bench.progress import SILENT, Progress

FILE = ".in-use"
# Until this process ends, whichever way.
_held: dict[Path, int] = {}


def hold(folder: Path, progress: Progress = SILENT) -> None:
    """Use ``folder`` for as long as this process lives; waits for whoever is changing what was calibrated.

    Raises:
        OSError: as it comes.
    """
    if folder not in _held and (descriptor := lock_file(folder / FILE)) is not None:
        _held[folder] = descriptor
        take(descriptor, fcntl.LOCK_SH, lambda: progress.step("waiting for a calibration in another terminal"))


@contextmanager
def alone(folder: Path, progress: Progress) -> Iterator[None]:
    """While nobody else uses ``folder``; waits for those who do.

    Raises:
        OSError: as it comes.
    """
    own = _held.get(folder)
    descriptor = lock_file(folder / FILE) if own is None else own
    if descriptor is None:
        yield
        return
    try:
        take(descriptor, fcntl.LOCK_EX, lambda: progress.step("waiting for other commands that use the int8 model"))
        yield
    finally:
        if own is None:
            os.close(descriptor)
        else:
            fcntl.flock(own, fcntl.LOCK_SH)
