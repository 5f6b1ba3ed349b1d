"""Sample images: some to calibrate on, others held out to see what the calibration is worth."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import ImageError, UsageError
from resnet_bench.inference import images
from resnet_bench.inference.pipelines import Pipeline

# Every fourth: with the project's eight photographs, six to calibrate on.
_EVERY = 4
MIN_COUNT = 2


@dataclass(frozen=True)
class Split:
    calibration: tuple[str, ...]
    held_out: tuple[str, ...]


def split(samples: Sequence[str]) -> Split:
    """In the order given; the same samples are always split alike. Of less than four the last is held out."""
    held_out = tuple(samples[_EVERY - 1 :: _EVERY]) or tuple(samples[-1:])
    return Split(tuple(sample for sample in samples if sample not in held_out), held_out)


def digest(samples: Sequence[str]) -> str:
    """SHA-256 over the files' contents, in order.

    Raises:
        ImageError: one cannot be read.
    """
    running = hashlib.sha256()
    for sample in samples:
        running.update(hashlib.sha256(images.load(sample)).digest())
    return running.hexdigest()


def preprocessed(sample: str, steps: Pipeline) -> NDArray[np.float32]:
    """The network's input for a sample, of shape (1, 3, 224, 224).

    Raises:
        ImageError: it is no image; says which of many it was.
    """
    data = images.load(sample)
    try:
        return steps.preprocess(steps.decode(data))
    except ImageError as error:
        raise ImageError(f"{sample}: {error.message}", error.hint, code=error.code) from error


def in_folder(folder: Path) -> tuple[str, ...]:
    """Its JPEG and PNG files by name; those of ``--calibrate``.

    Raises:
        UsageError: no such folder, or fewer than two images in it.
    """
    if not folder.is_dir():
        raise UsageError(f"--calibrate {folder} is no folder", "name a folder with JPEG or PNG files")
    found = sorted(
        str(file.absolute()) for file in folder.iterdir() if file.suffix.lower() in {".jpg", ".jpeg", ".png"}
    )
    if len(found) < MIN_COUNT:
        raise UsageError(
            f"{folder} has {len(found)} images: one must be held out", "a hundred of the kind to be classified do well"
        )
    return tuple(found)
