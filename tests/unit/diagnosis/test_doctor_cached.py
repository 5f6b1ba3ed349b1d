"""Prepared weights and downloads, whole and damaged, and what was never finished."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from examined import only, write_tree
from resnet_bench.diagnosis.cached import examine_cache
from resnet_bench.inference.files import Fingerprint
from resnet_bench.inference.model import VERSION, Manifest, write_manifest


def make_model(root: Path, *, trained: bool = True) -> Path:
    folder = root / "models" / "v1-0676"
    write_tree(folder, {"weights.safetensors": "values", "resnet50.onnx": "graph"})
    manifest = Manifest(
        version=VERSION,
        weights="v1" if trained else "random",
        weights_sha256="0" * 64,
        trained=trained,
        resize=256,
        artifacts={name: Fingerprint.of(folder / name) for name in ("weights.safetensors", "resnet50.onnx")},
        checks={},
    )
    write_manifest(folder, manifest)
    return folder


def test_whole_and_trained_weights_give_no_doubt(tmp_path: Path) -> None:
    make_model(tmp_path)
    for hashed in (False, True):
        found = list(examine_cache(tmp_path, hashed=hashed))
        assert [one.verdict for one in found] == ["ok", "ok"]
    assert only(found, code="cache-models").told == "2 files by their hashes: whole"


def test_untrained_weights_are_a_doubt_about_predictions_alone(tmp_path: Path) -> None:
    make_model(tmp_path, trained=False)
    found = only(examine_cache(tmp_path, hashed=False), code="cache-trained")
    assert (found.verdict, found.topics) == ("doubt", ("predictions",))


def test_damage_that_keeps_size_and_time_is_found_by_the_hash(tmp_path: Path) -> None:
    file = make_model(tmp_path) / "resnet50.onnx"
    before = file.stat()
    file.write_text("grapf")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert only(examine_cache(tmp_path, hashed=False), code="cache-models").verdict == "ok"
    found = only(examine_cache(tmp_path, hashed=True), code="cache-models")
    assert (found.verdict, found.told) == ("doubt", "damaged: resnet50.onnx")


def test_a_missing_file_and_a_foreign_manifest_are_doubts(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    (folder / "resnet50.onnx").unlink()
    assert only(examine_cache(tmp_path, hashed=True), code="cache-models").told == "damaged: resnet50.onnx"
    (folder / "manifest.json").write_text("{")
    assert only(examine_cache(tmp_path, hashed=False), code="cache-models").verdict == "doubt"


def test_a_download_is_known_by_the_hash_in_its_name(tmp_path: Path) -> None:
    prefix = hashlib.sha256(b"whole").hexdigest()[:8]
    write_tree(tmp_path / "weights", {f"resnet50-{prefix}.pth": "whole", "resnet50-11ad3fa6.pth": "torn"})
    found = {one.what: one.verdict for one in examine_cache(tmp_path, hashed=True) if one.code == "cache-download"}
    assert found == {f"download resnet50-{prefix}.pth": "ok", "download resnet50-11ad3fa6.pth": "doubt"}
    assert all(one.verdict != "doubt" for one in examine_cache(tmp_path, hashed=False))


def test_what_was_never_finished_is_told_and_locks_are_not(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    write_tree(folder, {".lock": "", ".in-use": "", ".resnet50.onnx.x1y2": "half"})
    found = only(examine_cache(tmp_path, hashed=False), code="cache-unfinished")
    assert found.told == f"1, such as {folder / '.resnet50.onnx.x1y2'}"
    assert (folder / ".resnet50.onnx.x1y2").exists()


def test_an_empty_cache_is_no_doubt_and_is_not_made(tmp_path: Path) -> None:
    (found,) = examine_cache(tmp_path / "none", hashed=True)
    assert found.verdict == "not measured"
    assert not (tmp_path / "none").exists()
