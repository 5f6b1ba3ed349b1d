"""Where weights and exported models are kept: the user's cache folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resnet_bench.errors import SetupError
from resnet_bench.planted import is_planted

VARIABLE = "RESNET_BENCH_CACHE"
_ROOT = 0


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
        SetupError: it cannot be made, or others than this user and root decide what is in it.
    """
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stranger = _stranger(folder)
    if stranger:
        raise SetupError(
            f"the cache {folder} is not this user's alone: {stranger}",
            f"set {VARIABLE} to a folder of yours (a new one in there will do), or take theirs away",
        )
    return folder


def _stranger(folder: Path) -> str | None:
    """Who else could put models there, which are then loaded without a look at what is in them.

    A group may be trusted, and root's folders as well as itself: it runs programs in containers, for folders that are
    their user's outside.
    """
    found, me = folder.stat(), os.geteuid()
    if is_planted(folder) or (found.st_uid not in {me, _ROOT} and me != _ROOT):
        return "another user has made it"
    return "everybody may write to it" if found.st_mode & stat.S_IWOTH else None


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
