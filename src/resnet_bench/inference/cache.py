"""Where weights and exported models are kept: the user's cache folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resnet_bench.errors import SetupError

VARIABLE = "RESNET_BENCH_CACHE"


def place() -> Path:
    """Where the cache folder is, or would be."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return platformdirs.user_cache_path("resnet-bench")


def root() -> Path:
    """The cache folder, made if need be, for this user only (mode 0700).

    Raises:
        SetupError: it cannot be made.
    """
    return subfolder(place())


def subfolder(folder: Path) -> Path:
    """``folder``, made with mode 0700 if need be.

    Raises:
        SetupError: it cannot be made.
    """
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Explain a disk that is full, read-only or not ours.

    Raises:
        SetupError: in place of an OSError from the block.
    """
    try:
        yield
    except OSError as error:
        raise SetupError(
            f"cannot write to the cache {folder}: {error.strerror or error}",
            f"set {VARIABLE} to a folder of yours with 400 MB free",
        ) from error
