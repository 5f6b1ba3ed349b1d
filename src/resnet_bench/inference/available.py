"""What can run the network on this machine, found without loading any of it: packages, processor, prepared files."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from resnet_bench.errors import EngineError, WeightsError
from resnet_bench.inference import cache
from resnet_bench.inference.engines import Registered, variants
from resnet_bench.inference.exports import files_of
from resnet_bench.inference.model import Model
from resnet_bench.processor import cpu_flags
from resnet_bench.results.records import Agreement

# Instruction sets without which a precision runs, and gains little.
QUICKER = {"int8": ("avx512_vnni", "avx_vnni", "amx_int8")}


@dataclass(frozen=True)
class Available:
    """One variant here.

    ``version`` is of its library, ``None`` if that is not installed; ``obstacle`` is why it cannot run. ``flags`` are
    what the processor has of the instruction sets that it needs or is quicker with. ``prepared`` says that its files
    are there, ``agreement`` how it answers beside fp32 where that is known.
    """

    variant: Registered
    version: str | None
    obstacle: EngineError | None
    flags: tuple[str, ...]
    prepared: bool
    agreement: Agreement | None


def available(model: Model | None) -> tuple[Available, ...]:
    """Every variant; ``model`` is what is prepared."""
    return tuple(_available(variant, model) for variant in variants())


def prepared_model(spec: str) -> Model | None:
    """What the cache has of the weights ``spec`` without looking for the weights; of ``auto``, v1 before random.

    Raises:
        SetupError: the cache cannot be made.
    """
    names = ("v1", "random") if spec == "auto" else (Path(spec).name,)
    known = [model for folder in sorted((cache.root() / "models").glob("*")) for model in _opened(folder)]
    found = [model for name in names for model in known if model.manifest.weights == name]
    return found[0] if found else None


def _opened(folder: Path) -> Iterator[Model]:
    with suppress(WeightsError):  # of an earlier version, or not finished: not prepared
        yield Model.open(folder)


def _available(variant: Registered, model: Model | None) -> Available:
    wanted = (*variant.cpu_flags, *QUICKER.get(variant.precision, ()))
    has = cpu_flags()
    return Available(
        variant=variant,
        version=_version(variant.libraries[0].partition(".")[0]),
        obstacle=variant.obstacle(),
        flags=tuple(flag for flag in wanted if flag in has),
        prepared=model is not None and _has_files(variant, model),
        agreement=None if model is None else model.manifest.agreements.get(variant.name),
    )


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _has_files(variant: Registered, model: Model) -> bool:
    files = files_of(variant, host_bound=True)
    return all(file in model.manifest.artifacts and (model.folder / file).is_file() for file in files)
