"""A stand-in for the exports' child process, which takes ten seconds a file, and a cache of the test's own."""

from __future__ import annotations

import importlib.metadata
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from resnet_bench.inference import engines
from resnet_bench.inference.engines import onnx_engine
from resnet_bench.inference.exports import EXPORTS, process
from resnet_bench.inference.exports.child import Made, Task
from resnet_bench.inference.exports.samples import digest
from resnet_bench.inference.model import ExportCheck, Model, Samples, prepare, write_manifest
from resnet_bench.progress import Progress
from resnet_bench.results.records import Agreement, Compared, Decode

CHECK = ExportCheck(inputs_count=1, max_logit_difference=0.0, same_top5=True, versions={})
VERSION = importlib.metadata.version("onnxruntime")
NOTHING = Samples()


@dataclass
class QuickExports:
    """Answers in place of ``exports.process.run``: tests here are about files, not about their contents.

    ``done`` names what it was asked for: an export's first file or an agreement's subject. What ``fails`` names
    fails after its first file was written.
    """

    done: list[str] = field(default_factory=list)
    fails: dict[str, BaseException] = field(default_factory=dict)

    def run(self, task: Task, what: str, progress: Progress) -> Made:
        if task.subject:
            self.done.append(task.subject)
            return Made(agreement=agreement(task.subject, digest(task.samples)))
        export = next(export for export in EXPORTS.values() if export.maker == task.maker)
        self.done.append(export.files[0])
        for file in export.files:
            (Path(task.target) / file).write_bytes(f"{file} of {task.samples}".encode())
            if export.files[0] in self.fails:
                raise self.fails[export.files[0]]
        if export.host_bound:
            return Made(environments={export.files[0]: onnx_engine.environment(VERSION)})
        return Made(checks={export.files[0]: CHECK})


def agreement(subject: str, images_sha256: str = "") -> Agreement:
    compared = Compared(images_count=2, same_top1_count=2, same_top5_count=1, max_probability_difference=0.01)
    return Agreement(subject=subject, calibration=None, held_out=compared, trained=False, images_sha256=images_sha256)


@dataclass
class Workbench:
    """A cache of the test's own with the session's weights in it, so that none have to be generated."""

    exports: QuickExports
    folder: Path

    def prepare(self, *names: str, samples: Samples = NOTHING, decode: Decode = "exact") -> list[str]:
        """What had to be made."""
        self.exports.done.clear()
        prepare("random", cast("Sequence[str]", names), samples=samples, decode=decode)
        return self.exports.done[:]

    @property
    def model(self) -> Model:
        return Model.open(self.folder)

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


def workbench(model: Model, cache: Path, patch: pytest.MonkeyPatch) -> Workbench:
    exports = QuickExports()
    patch.setenv("RESNET_BENCH_CACHE", str(cache))
    patch.setattr(process, "run", exports.run)
    folder = cache / "models" / model.folder.name
    folder.mkdir(parents=True)
    shutil.copy2(model.folder / engines.WEIGHTS, folder)
    alone = {engines.WEIGHTS: model.manifest.artifacts[engines.WEIGHTS]}
    write_manifest(folder, replace(model.manifest, artifacts=alone, checks={}, environments={}, agreements={}))
    return Workbench(exports, folder)
