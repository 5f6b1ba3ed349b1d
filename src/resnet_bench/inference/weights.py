"""``--weights auto|v1|v2|random|PATH``: from the word to weights that are at hand and verified."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from resnet_bench.errors import WeightsError
from resnet_bench.inference import cache
from resnet_bench.inference.download import fetch
from resnet_bench.inference.files import Fingerprint, locked, replacing, sha256_of
from resnet_bench.inference.published import Source, sources
from resnet_bench.progress import SILENT, Progress
from resnet_bench.unreadable import UNREADABLE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAMES = ("auto", "v1", "v2", "random")
# How long until "no network" is the answer: short where there is a way on, longer where the user insisted.
AUTO_ANSWER_WITHIN_S = 3.0
NAMED_ANSWER_WITHIN_S = 10.0


@dataclass(frozen=True)
class Weights:
    """Weights that can be read now.

    ``name`` is ``v1``, ``v2``, ``random`` or a file's name; ``sha256`` is of the file (for random weights, of their
    values); ``resize`` is the short side, in pixels, that preprocessing must produce for them; ``notice`` says why
    they are not the ones that were asked for.
    """

    name: str
    sha256: str
    trained: bool
    resize: int
    read: Callable[[], dict[str, NDArray[np.float32]]]
    notice: str | None = None


def resolve(spec: str, progress: Progress = SILENT) -> Weights:
    """Find the weights, downloading them if need be.

    ``auto`` is ``v1``, or ``random`` with a ``notice`` if that cannot be downloaded.

    Raises:
        WeightsError: unknown name, no such file, download failed or refused.
        SetupError: the cache cannot be written.
    """
    match spec:
        case "random":
            return _random()
        case "v1" | "v2":
            return _published(spec, NAMED_ANSWER_WITHIN_S, progress)
        case "auto":
            try:
                return _published("v1", AUTO_ANSWER_WITHIN_S, progress)
            except WeightsError as error:
                return replace(_random(), notice=f"random weights in place of pre-trained ones: {error.message}")
        case _:
            return _from_file(Path(spec).expanduser())


def _random() -> Weights:
    from resnet_bench.inference import untrained

    return Weights("random", untrained.SHA256, trained=False, resize=256, read=untrained.generate)


def _published(name: str, answer_within_s: float, progress: Progress) -> Weights:
    source = sources()[name]
    folder = cache.subfolder(cache.root() / "weights")
    if (known := _at_hand(name, source, folder)) is not None:
        return known
    waiting = f"waiting for another command that downloads {source.filename}"
    with cache.writing(folder), locked(folder / ".lock", lambda: progress.step(waiting)):
        if (known := _at_hand(name, source, folder)) is not None:  # the other one has it now
            return known
        for half in folder.glob(f".{source.filename}.*"):  # of one that was killed
            if not half.name.startswith(f".{source.filename}.json"):
                half.unlink()
        fetch(
            source.url,
            folder / source.filename,
            sha256_prefix=source.sha256_prefix,
            answer_within_s=answer_within_s,
            progress=progress,
        )
    known = _at_hand(name, source, folder)
    assert known is not None  # noqa: S101 - it was there a moment ago
    return known


def _at_hand(name: str, source: Source, folder: Path) -> Weights | None:
    """Downloaded before, by this program or by torchvision."""
    for file in (folder / source.filename, _torch_hub() / source.filename):
        sha256 = _remembered_sha256(file, folder)
        if sha256 is not None and sha256.startswith(source.sha256_prefix):
            return _trained(name, sha256, source.resize, file)
    return None


def _from_file(file: Path) -> Weights:
    if not file.is_file():
        problem = f"{file} is a folder" if file.is_dir() else f"no such weights: {file}"
        raise WeightsError(problem, f"--weights takes {', '.join(NAMES)} or a .pth or .safetensors file")
    try:
        sha256 = sha256_of(file)
    except OSError as error:
        raise WeightsError(f"cannot read {file}: {error.strerror or error}", "check its permissions") from error
    for name, source in sources().items():
        if sha256.startswith(source.sha256_prefix):
            return _trained(name, sha256, source.resize, file)
    return _trained(file.name, sha256, 256, file)


def _trained(name: str, sha256: str, resize: int, file: Path) -> Weights:
    from resnet_bench.inference import checkpoint

    def read() -> dict[str, NDArray[np.float32]]:
        # The hash may be one that was remembered, and is what the model will be known by.
        if sha256_of(file) != sha256:
            with suppress(OSError):
                _stamp(file, cache.root() / "weights").unlink()
            raise WeightsError(f"{file} is damaged: it is not what it was when it was hashed", "run it again")
        return checkpoint.read(file)

    return Weights(name, sha256, trained=True, resize=resize, read=read)


def _torch_hub() -> Path:
    """Where torchvision itself keeps its downloads (the rule of ``torch.hub.get_dir``)."""
    general = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", f"{general}/torch")).expanduser() / "hub" / "checkpoints"


def _remembered_sha256(file: Path, folder: Path) -> str | None:
    """The SHA-256 of a large file, computed once; ``None`` if there is no such file."""
    if not file.is_file():
        return None
    stamp = _stamp(file, folder)
    try:
        known = msgspec.json.decode(stamp.read_bytes(), type=Fingerprint)
        if known.matches(file):
            return known.sha256
    except (OSError, *UNREADABLE):
        pass
    known = Fingerprint.of(file)
    with cache.writing(folder), replacing(stamp) as temporary:
        temporary.write_bytes(msgspec.json.encode(known))
    return known.sha256


def _stamp(file: Path, folder: Path) -> Path:
    return folder / f"{file.name}.json"
