"""The weights in the cache: which there are, trained or not, and whether every file still is what it was."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from resnet_bench.diagnosis.figures import reading
from resnet_bench.errors import WeightsError
from resnet_bench.inference import users
from resnet_bench.inference.files import Fingerprint, sha256_of
from resnet_bench.inference.model import Model
from resnet_bench.results.diagnosis import Finding

# The convention of torch.hub: the file's name ends in the first characters of its SHA-256.
_HASHED_NAME = re.compile(r"-([0-9a-f]{8,})\.\w+$")
# These stay, and are empty; what else begins with a dot is not finished (``files.replacing``, the exports).
_STAYING = frozenset({".lock", users.FILE})
_AGAIN = "any command that needs it makes it again"


def examine_cache(root: Path, *, hashed: bool) -> Iterator[Finding]:
    """``root`` is the cache folder, which need not exist; ``hashed`` reads every file, else size and time decide."""
    folders = sorted(folder for folder in _listed(root / "models") if folder.is_dir() and folder.name[0] != ".")
    for folder in folders:
        yield from _model(folder, hashed=hashed)
    for file in _listed(root / "weights"):
        if (prefix := _HASHED_NAME.search(file.name)) is not None and file.name[0] != ".":
            yield _download(file, prefix[1], hashed=hashed)
    if not folders:
        yield Finding(
            code="cache-models",
            subject="engines",
            what="prepared weights",
            verdict="not measured",
            told="none are prepared yet",
            follows="the first command that classifies downloads them, or takes random ones without a network",
        )
    yield from _unfinished(root)


def _listed(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(folder.iterdir())
    return []


def _model(folder: Path, *, hashed: bool) -> Iterator[Finding]:
    try:
        manifest = Model.open(folder).manifest
    except WeightsError as error:
        yield Finding(
            code="cache-models",
            subject="engines",
            what=f"weights {folder.name}",
            verdict="doubt",
            told=error.message,
            follows="it is not used",
            todo=_AGAIN,
        )
        return
    whole = _whole_by_hash if hashed else Fingerprint.matches
    damaged = [name for name, mark in manifest.artifacts.items() if not whole(mark, folder / name)]
    files = f"{len(manifest.artifacts)} files {'by their hashes' if hashed else 'by size and time'}"
    yield Finding(
        code="cache-models",
        subject="engines",
        what=f"weights {manifest.weights}",
        verdict="doubt" if damaged else "ok",
        told=f"damaged: {', '.join(damaged)}" if damaged else f"{files}: whole",
        measured=(reading("files", len(manifest.artifacts), "count"),),
        follows="an engine that loads it fails, or answers wrongly" if damaged else "",
        todo=f"{_AGAIN}; or remove {folder}" if damaged else "",
        topics=("predictions",),
    )
    yield Finding(
        code="cache-trained",
        subject="engines",
        what=f"weights {manifest.weights}: trained",
        verdict="ok" if manifest.trained else "doubt",
        told="yes" if manifest.trained else "no: timings are valid, predictions are not",
        follows="" if manifest.trained else "classes and probabilities mean nothing; agreements mean little",
        todo="" if manifest.trained else "--weights v1 with access to the internet, or --weights PATH",
        topics=("predictions",),
    )


def _whole_by_hash(mark: Fingerprint, file: Path) -> bool:
    with suppress(OSError):
        return sha256_of(file) == mark.sha256
    return False


def _download(file: Path, prefix: str, *, hashed: bool) -> Finding:
    if not hashed:
        return Finding(
            code="cache-download", subject="engines", what=f"download {file.name}", verdict="ok", told="there, not read"
        )
    whole = sha256_of(file).startswith(prefix)
    return Finding(
        code="cache-download",
        subject="engines",
        what=f"download {file.name}",
        verdict="ok" if whole else "doubt",
        told="whole by its hash" if whole else f"its SHA-256 does not begin with {prefix}",
        follows="" if whole else "it is not used",
        todo="" if whole else f"remove {file}: it is downloaded again",
        topics=("predictions",),
    )


def _unfinished(root: Path) -> Iterator[Finding]:
    left = [path for folder in (root / "models", root / "weights", *_listed(root / "models")) for path in _dots(folder)]
    if left:
        yield Finding(
            code="cache-unfinished",
            subject="leftovers",
            what="unfinished files in the cache",
            verdict="doubt",
            told=f"{len(left)}, such as {left[0]}",
            measured=(reading("files", len(left), "count"),),
            follows="they take room and are not used; of a command that works just now they are its own",
            todo=f"if no other command is at work: {shlex.join(['rm', '-r', *map(str, left[:3])])}",
        )


def _dots(folder: Path) -> list[Path]:
    return [path for path in _listed(folder) if path.name[0] == "." and path.name not in _STAYING]
