"""Making a ``Model`` on the host: weights converted, engines' artefacts exported, all or nothing per file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from resnet_bench.errors import WeightsError
from resnet_bench.inference import cache, checkpoint, engines, weights
from resnet_bench.inference.files import Fingerprint, locked, replacing
from resnet_bench.inference.model import VERSION, ExportCheck, Manifest, Model, read_manifest, write_manifest
from resnet_bench.inference.weights import Weights
from resnet_bench.progress import Progress


def prepare(spec: str, names: Sequence[str], progress: Progress) -> Model:
    """See ``model.prepare``."""
    wanted = [engines.registered(name) for name in names]
    found = weights.resolve(spec, progress)
    # Named by the hash; the name in front is for people (and tells apart two names for the same file).
    folder = cache.subfolder(cache.root() / "models" / f"{found.name}-{found.sha256[:16]}")
    with cache.writing(folder), locked(folder / ".lock"):
        manifest = _intact(folder, found)
        if engines.WEIGHTS not in manifest.artifacts:
            progress.step(f"preparing the {found.name} weights")
            manifest = _add(folder, manifest, engines.WEIGHTS, lambda file: checkpoint.write(found.read(), file))
        for engine in wanted:
            if engine.artifact not in manifest.artifacts:
                progress.step(f"exporting the model to {engine.artifact} (once)")
                export = partial(engine.exporter().export, folder / engines.WEIGHTS, progress=progress)
                manifest = _add(folder, manifest, engine.artifact, export)
    return Model(folder, manifest, found.notice)


def _intact(folder: Path, found: Weights) -> Manifest:
    """The folder's manifest, less what is missing or damaged; an empty one if it cannot be used at all."""
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
    if msgspec.structs.replace(known, artifacts={}, checks={}) != empty:
        return empty
    whole = {name: mark for name, mark in known.artifacts.items() if mark.matches(folder / name)}
    return msgspec.structs.replace(
        known, artifacts=whole, checks={name: check for name, check in known.checks.items() if name in whole}
    )


def _add(folder: Path, manifest: Manifest, artifact: str, make: Callable[[Path], ExportCheck | None]) -> Manifest:
    with replacing(folder / artifact) as temporary:
        check = make(temporary)
    manifest = msgspec.structs.replace(
        manifest,
        artifacts=manifest.artifacts | {artifact: Fingerprint.of(folder / artifact)},
        checks=manifest.checks | ({artifact: check} if check else {}),
    )
    write_manifest(folder, manifest)
    return manifest
