"""Making a ``Model`` on the host: weights converted, engines' files exported, all or nothing per export."""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
from collections.abc import Sequence, Set
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from resnet_bench import __version__
from resnet_bench.errors import UsageError, WeightsError
from resnet_bench.inference import cache, checkpoint, engines, users, weights
from resnet_bench.inference.engines import WEIGHTS, onnx_engine
from resnet_bench.inference.exports import EXPORTS, REFERENCE, Export, files_of, is_calibrated, needed, process
from resnet_bench.inference.exports.child import Made, Task
from resnet_bench.inference.exports.samples import MIN_COUNT, digest
from resnet_bench.inference.files import Fingerprint, locked, put, replacing
from resnet_bench.inference.model import VERSION, Manifest, Model, Samples, read_manifest, write_manifest
from resnet_bench.inference.weights import Weights
from resnet_bench.progress import Progress
from resnet_bench.results.records import FAST_DECODE, Decode

_LOCK = ".lock"


def prepare(spec: str, names: Sequence[str], progress: Progress, samples: Samples, decode: Decode) -> Model:
    """See ``model.prepare``."""
    variants = [engines.registered(name) for name in names]
    for variant in variants:
        obstacle = variant.obstacle()
        if obstacle is not None:
            raise obstacle
    subjects = [variant.name for variant in variants if not variant.is_exact]
    if decode == "fast":
        subjects.append(FAST_DECODE)
    if subjects:
        # What they are compared with.
        variants.append(engines.registered(REFERENCE))
    found = weights.resolve(spec, progress)
    # Named by the hash; the name in front is for people (and tells apart two names for the same file).
    folder = cache.subfolder(cache.root() / "models" / f"{found.name}-{found.sha256[:16]}")
    loaded = {file for variant in variants for file in files_of(variant, host_bound=True)}
    waiting = f"waiting for another command that prepares the {found.name} weights"
    with cache.writing(folder), locked(folder / _LOCK, lambda: progress.step(waiting)):
        _sweep(folder)
        workshop = _Workshop(folder, _intact(folder, found, loaded), samples, progress)
        workshop.add_weights(found)
        for name in needed(variants):
            workshop.add_export(name, subjects)
        for subject in subjects:
            workshop.add_agreement(subject)
    return Model(folder, workshop.manifest, found.notice)


class _Workshop:
    """One model's folder while it is completed; the manifest on disk is that of this object after each step."""

    def __init__(self, folder: Path, manifest: Manifest, samples: Samples, progress: Progress) -> None:
        self.manifest = manifest
        self._folder = folder
        self._samples = samples
        self._progress = progress

    def add_weights(self, found: Weights) -> None:
        if WEIGHTS in self.manifest.artifacts:
            return
        self._progress.step(f"preparing the {found.name} weights")
        with replacing(self._folder / WEIGHTS) as temporary:
            checkpoint.write(found.read(), temporary)
        self._remember((WEIGHTS,), Made())

    def add_export(self, name: str, subjects: Sequence[str]) -> None:
        """``subjects`` are those whose agreements will be asked for."""
        export = EXPORTS[name]
        whole = all(file in self.manifest.artifacts for file in export.files)
        if whole and not (export.calibrated and self._samples_matter(subjects)):
            return
        samples = self._usable_samples(f"the {name} model") if export.calibrated else ()
        if whole and self._digest == self.manifest.samples_sha256:
            return
        with users.alone(self._folder, self._progress) if export.calibrated and whole else nullcontext():
            self._export(name, export, samples)

    def _export(self, name: str, export: Export, samples: tuple[str, ...]) -> None:
        if export.calibrated:
            self._forget_calibrated()
        what = f"exporting the model to {export.files[0]} (once)"
        self._progress.step(what)
        # In the same folder, so that a file is renamed and not copied.
        with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=self._folder) as target:
            made = self._run(Task(maker=export.maker, model=str(self._folder), target=target, samples=samples), what)
            for file in export.files:
                put(Path(target) / file, self._folder / file)
        if export.calibrated:
            self.manifest = replace(self.manifest, samples_sha256=self._digest)
        self._remember(export.files, made)

    def add_agreement(self, subject: str) -> None:
        known = self.manifest.agreements.get(subject)
        if known is not None and not self._samples.chosen:
            return
        samples = self._usable_samples(f"what {subject} changes")
        if known is not None and known.images_sha256 == self._digest:
            return
        what = f"measuring how {subject} agrees with exact answers (once)"
        self._progress.step(what)
        task = Task(maker="", model=str(self._folder), samples=samples, subject=subject)
        self._remember((), self._run(task, what))

    @cached_property
    def _digest(self) -> str:
        return digest(self._samples.paths)

    def _run(self, task: Task, what: str) -> Made:
        return process.run(task, what, self._progress)

    def _usable_samples(self, what: str) -> tuple[str, ...]:
        paths = self._samples.paths
        if len(paths) < MIN_COUNT:
            raise UsageError(
                f"{what} needs at least {MIN_COUNT} sample images, and there are {len(paths)}",
                "name a folder of JPEG or PNG files: --calibrate FOLDER",
            )
        return paths

    def _samples_matter(self, subjects: Sequence[str]) -> bool:
        """Whether what was calibrated on other images is of no use: the user named these, or an agreement still has
        to be measured, which tells apart the images of the calibration and those held out."""
        return self._samples.chosen or bool(_calibrated_subjects() & {*subjects} - self.manifest.agreements.keys())

    def _forget_calibrated(self) -> None:
        """What came from another calibration, and what was measured of it."""
        files = {file for export in _calibrated() for file in export.files}
        subjects = _calibrated_subjects()
        known = self.manifest
        self.manifest = replace(
            known,
            artifacts={name: mark for name, mark in known.artifacts.items() if name not in files},
            environments={name: where for name, where in known.environments.items() if name not in files},
            agreements={name: one for name, one in known.agreements.items() if name not in subjects},
        )

    def _remember(self, files: Sequence[str], made: Made) -> None:
        known, agreement = self.manifest, made.agreement
        self.manifest = replace(
            known,
            artifacts=known.artifacts | {file: Fingerprint.of(self._folder / file) for file in files},
            checks=known.checks | made.checks,
            environments=known.environments | made.environments,
            agreements=known.agreements | ({agreement.subject: agreement} if agreement else {}),
            measured_with=known.measured_with | ({agreement.subject: _means(agreement.subject)} if agreement else {}),
        ).sealed()
        write_manifest(self._folder, self.manifest)


def _calibrated() -> list[Export]:
    """The exports that depend on sample images, and those made of them."""
    direct = [name for name, export in EXPORTS.items() if export.calibrated]
    return [export for name, export in EXPORTS.items() if name in direct or {*export.after} & {*direct}]


def _calibrated_subjects() -> set[str]:
    """The variants that load those."""
    return {variant.name for variant in engines.variants() if is_calibrated(variant)}


def _sweep(folder: Path) -> None:
    """Remove what a killed process left half-made: whoever holds the lock is the only one who writes here."""
    for path in folder.glob(".*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in {_LOCK, users.FILE}:
            path.unlink()


def _intact(folder: Path, found: Weights, loaded: Set[str]) -> Manifest:
    """The folder's manifest, less what is missing, damaged or of no use here; an empty one if it cannot be used.

    What may be ``loaded``, here or on Lambda, is hashed (0.08 s for 100 MB, which a load then finds in memory); all is,
    where something of it has to be made of the rest.
    """
    empty = Manifest(
        version=VERSION,
        weights=found.name,
        weights_sha256=found.sha256,
        trained=found.trained,
        resize=found.resize,
        artifacts={},
        checks={},
    )
    try:
        known = read_manifest(folder)
    except WeightsError:
        return empty
    if not known.is_sealed:
        return empty
    if (known.weights, known.weights_sha256, known.trained, known.resize) != (
        found.name,
        found.sha256,
        found.trained,
        found.resize,
    ):
        return empty
    here = _environment()
    environments = {name: where for name, where in known.environments.items() if where == here}
    gone = known.environments.keys() - environments.keys()
    usable = {name: mark for name, mark in known.artifacts.items() if name not in gone}
    whole = {name: mark for name, mark in usable.items() if mark.matches(folder / name, thorough=name in loaded)}
    if not loaded <= whole.keys():
        whole = {name: mark for name, mark in whole.items() if mark.matches(folder / name, thorough=True)}
    return replace(
        known,
        artifacts=whole,
        checks={name: check for name, check in known.checks.items() if name in whole},
        environments={name: where for name, where in environments.items() if name in whole},
        agreements={
            subject: one
            for subject, one in known.agreements.items()
            if known.measured_with.get(subject) == _means(subject)
        },
    )


def _environment() -> str:
    """That of an optimised graph made now."""
    return onnx_engine.environment(_version("onnxruntime"))


def _means(subject: str) -> str:
    """By what an agreement is measured now: this program, what decodes, both engines, and the processor."""
    engine = engines.registered(subject).libraries if subject in engines.NAMES else ()
    packages = sorted({"pillow", *(library.partition(".")[0] for library in engine)})
    versions = (f"{package} {_version(package)}" for package in packages)
    return ", ".join((f"resnet-bench {__version__}", *versions, _environment()))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
