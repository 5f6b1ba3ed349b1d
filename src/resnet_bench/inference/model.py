"""A ``Model``: one set of weights in every form that the engines need, as a folder that can be copied to Lambda.

    <cache>/models/v1-0676ba61b6795bbe/
        manifest.json          what this is, and the fingerprint of every file
        weights.safetensors    always there
        resnet50.onnx, ...     what engines load, once one that needs it has been asked for (``exports``)

``prepare`` runs on the host and makes what is missing; ``Model.open`` reads the manifest and imports nothing
heavy, because it is part of Lambda's cold start.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from resnet_bench.errors import EngineError, WeightsError
from resnet_bench.inference.files import Fingerprint, replacing
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import FAST_DECODE, Agreement, Decode
from resnet_bench.unreadable import UNREADABLE, one_line, reason

MANIFEST = "manifest.json"
# 1: the first. 2: graphs written by this program, with their weights beside them; environments and agreements.
VERSION = 2


class ExportCheck(Struct, frozen=True, kw_only=True):
    """How an exported artefact compared with torchvision's network on seeded inputs, and by which versions."""

    inputs_count: int
    max_logit_difference: float
    same_top5: bool
    versions: dict[str, str]


class Manifest(Struct, frozen=True, kw_only=True):
    """``resize`` is the short side, in pixels, that preprocessing must produce for these weights.

    ``environments`` says of an optimised graph where it may run (``onnx_engine.environment``). ``agreements`` is by
    subject, and ``measured_with`` says of each under which versions and on what processor. ``samples_sha256`` is over
    the images that the int8 graph was calibrated on or held out from, ``""`` if there is none. ``seal`` is over all
    the rest.
    """

    version: int
    weights: str
    weights_sha256: str
    trained: bool
    resize: int
    artifacts: dict[str, Fingerprint]
    checks: dict[str, ExportCheck]
    environments: dict[str, str] = {}
    agreements: dict[str, Agreement] = {}
    measured_with: dict[str, str] = {}
    samples_sha256: str = ""
    seal: str = ""

    @property
    def is_sealed(self) -> bool:
        """Whether nobody else has changed it since ``write_manifest``; true of those that were written before seals."""
        return self.seal in {"", self._digest()}

    def sealed(self) -> Manifest:
        return replace(self, seal=self._digest())

    def _digest(self) -> str:
        import hashlib  # it loads OpenSSL, for which a cold start has no use

        return hashlib.sha256(msgspec.json.encode(replace(self, seal=""))).hexdigest()


@dataclass(frozen=True)
class Model:
    """``notice`` says why the weights are not the ones that were asked for (only right after ``prepare``)."""

    folder: Path
    manifest: Manifest
    notice: str | None = None

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Model:
        """A prepared model. Its files are not verified again: that would be part of the cold start.

        Raises:
            WeightsError: no manifest there, or one of another version.
        """
        path = Path(folder)
        return cls(path, read_manifest(path))

    def agreements(self, variant: str, decode: Decode) -> tuple[Agreement, ...]:
        """What is known of how a variant of an engine, and the way of decoding, answer beside the exact ones."""
        subjects = (variant, FAST_DECODE) if decode == "fast" else (variant,)
        return tuple(self.manifest.agreements[name] for name in subjects if name in self.manifest.agreements)

    def path(self, artifact: str) -> Path:
        """Where an artefact is.

        Raises:
            EngineError: this model was prepared without it.
        """
        file = self.folder / artifact
        if artifact not in self.manifest.artifacts or not file.is_file():
            raise EngineError(
                f"{self.folder} has no {artifact}", "prepare the model for this engine on the host (any command does)"
            )
        return file


@dataclass(frozen=True)
class Samples:
    """Images to calibrate int8 on and to measure agreements with.

    ``paths`` may be empty where nothing needs them. ``chosen`` says that the user named them: what was made with others
    is then made again, and otherwise kept.
    """

    paths: tuple[str, ...] = ()
    chosen: bool = False


def prepare(
    spec: str,
    engines: Sequence[str],
    progress: Progress = SILENT,
    *,
    samples: Samples = Samples(),
    decode: Decode = "exact",
) -> Model:
    """Make sure that the weights ``spec`` (``auto``, ``v1``, ``v2``, ``random`` or a path) are ready for ``engines``.

    What is there and whole is kept; damaged files are made again. Two processes at once wait for each other. With
    ``decode`` at ``fast``, and for engines that do not answer exactly as the network does, the model also says
    how their answers agree with the exact ones.

    Raises:
        UsageError: an engine of that name does not exist, or there are no samples and they are needed.
        ImageError: a sample cannot be read.
        WeightsError: the weights cannot be had.
        EngineError: an engine's library is missing, its export failed or differs from torch, or a sample is no image.
        SetupError: the cache cannot be written.
    """
    from resnet_bench.inference import builder

    return builder.prepare(spec, engines, progress, samples, decode)


def read_manifest(folder: Path) -> Manifest:
    """
    Raises:
        WeightsError: no manifest there, or one of another version.
    """
    file = folder / MANIFEST
    hint = "prepare the model again on the host (any command does)"
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except OSError as error:
        raise WeightsError(f"no model in {folder}: {error.strerror or error}", hint) from error
    except UNREADABLE as error:
        raise WeightsError(f"{file} is damaged: {reason(error)}", hint) from error
    if manifest.version != VERSION:
        raise WeightsError(f"{file} has version {manifest.version}; this program reads {VERSION}", hint)
    # They stand beside the manifest, and are read, hashed and copied into images: no name may lead elsewhere.
    if strangers := [name for name in manifest.artifacts if "/" in name or name in {"", ".", ".."}]:
        raise WeightsError(f"{file} is damaged: {one_line(strangers[0])!r} is no file of the model", hint)
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    with replacing(folder / MANIFEST) as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(manifest.sealed())))
