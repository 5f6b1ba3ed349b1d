"""The manifest of a prepared model, which lies in a cache that anything may have happened to."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from inexact import make_agreement
from resnet_bench.errors import EngineError, WeightsError
from resnet_bench.inference.files import Fingerprint
from resnet_bench.inference.model import MANIFEST, VERSION, ExportCheck, Manifest, Model

_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-manifests-"))


def target(data: bytes) -> None:
    (_FOLDER / MANIFEST).write_bytes(data)
    try:
        model = Model.open(_FOLDER)
    except WeightsError as error:
        assert error.hint
        return
    model.agreements("onnx-int8", "fast")
    for name, fingerprint in model.manifest.artifacts.items():
        try:
            file = model.path(name)
        except EngineError:
            continue
        assert file.resolve().is_relative_to(_FOLDER.resolve()), file
        fingerprint.matches(file)


def seeds() -> Iterator[bytes]:
    made = Manifest(
        version=VERSION,
        weights="random",
        weights_sha256="a" * 64,
        trained=False,
        resize=256,
        artifacts={"resnet50.onnx": Fingerprint(sha256="b" * 64, size_bytes=3, mtime_ns=5)},
        checks={"onnx": ExportCheck(inputs_count=3, max_logit_difference=1e-5, same_top5=True, versions={"onnx": "1"})},
        environments={"a": "b"},
        agreements={"onnx-int8": make_agreement()},
        measured_with={"onnx-int8": "c"},
    )
    yield msgspec.json.encode(made)


TARGET = Target(target, seeds, document_mutator("version", "artifacts", "../../../etc/passwd", "/etc/passwd", MANIFEST))
