"""From ``--weights`` to weights: names, files, downloads, and the way on when there is no network."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest
from torchvision.models import ResNet50_Weights

from resnet_bench.errors import WeightsError
from resnet_bench.inference import untrained, weights
from resnet_bench.inference.download import Unreachable
from resnet_bench.inference.published import Source, sources

CONTENT = b"not really weights; nobody reads them here"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SOURCES = {
    "v1": Source(f"http://weights.invalid/resnet50-{SHA256[:8]}.pth", SHA256[:8], 256),
    "v2": Source("http://weights.invalid/resnet50-22222222.pth", "22222222", 232),
}


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "cache"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "sources", lambda: SOURCES)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No network: every download is unreachable; how long each would have waited is recorded."""
    seen: list[float] = []

    def unreachable(url: str, target: Path, *, answer_within_s: float, **others: object) -> None:
        seen.append(answer_within_s)
        raise Unreachable(f"{url}: no way there")

    monkeypatch.setattr(weights, "fetch", unreachable)
    return seen


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    fetched: list[str] = []

    def serve(url: str, target: Path, **others: object) -> None:
        fetched.append(url)
        target.write_bytes(CONTENT)

    monkeypatch.setattr(weights, "fetch", serve)
    return fetched


def test_random_weights_are_untrained_and_need_nothing(waits: list[float]) -> None:
    found = weights.resolve("random")
    assert (found.name, found.sha256, found.trained, found.resize) == ("random", untrained.SHA256, False, 256)
    assert found.notice is None
    assert waits == []


def test_the_published_sources_are_torchvisions() -> None:
    found = sources()
    v1, v2 = ResNet50_Weights.IMAGENET1K_V1, ResNet50_Weights.IMAGENET1K_V2
    assert (found["v1"].url, found["v1"].resize) == (v1.url, 256)
    assert (found["v2"].url, found["v2"].resize) == (v2.url, 232)
    for source in found.values():
        assert source.filename == f"resnet50-{source.sha256_prefix}.pth"


def test_a_second_process_finds_the_sources_without_importing_torchvision() -> None:
    sources()
    code = (
        "import sys; from resnet_bench.inference.published import sources; sources()\n"
        "assert 'torchvision' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_torchvision_the_published_weights_are_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_installed(package: str) -> str:
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "version", not_installed)
    with pytest.raises(WeightsError, match="torchvision, which knows") as caught:
        weights.resolve("v1")
    assert caught.value.hint == "pip install torchvision"


@pytest.mark.usefixtures("published")
def test_auto_falls_back_to_random_within_three_seconds_and_says_why(waits: list[float]) -> None:
    found = weights.resolve("auto")
    assert found.name == "random"
    assert not found.trained
    assert found.notice is not None
    assert "no way there" in found.notice
    assert waits == [3.0]


@pytest.mark.usefixtures("published")
def test_named_weights_do_not_fall_back(waits: list[float]) -> None:
    with pytest.raises(WeightsError, match="no way there"):
        weights.resolve("v1")
    assert len(waits) == 1


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("spec", ["auto", "v1"])
def test_published_weights_are_downloaded_once(spec: str, network: list[str]) -> None:
    first, second = weights.resolve(spec), weights.resolve(spec)
    assert network == [SOURCES["v1"].url]
    for found in (first, second):
        assert (found.name, found.sha256, found.trained, found.resize) == ("v1", SHA256, True, 256)
        assert found.notice is None


@pytest.mark.usefixtures("published")
def test_damaged_downloads_are_fetched_again(network: list[str], empty_cache: Path) -> None:
    weights.resolve("v1")
    (empty_cache / "weights" / SOURCES["v1"].filename).write_bytes(b"X" + CONTENT[1:])
    assert weights.resolve("v1").sha256 == SHA256
    assert len(network) == 2


@pytest.mark.usefixtures("published")
def test_damage_that_keeps_size_and_time_is_seen_when_they_are_read(network: list[str], empty_cache: Path) -> None:
    found = weights.resolve("v1")
    file = empty_cache / "weights" / SOURCES["v1"].filename
    status = file.stat()
    file.write_bytes(b"X" + CONTENT[1:])
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(WeightsError, match="is damaged") as caught:
        found.read()
    assert caught.value.hint == "run it again"
    weights.resolve("v1")
    assert len(network) == 2, "and are downloaded again"


@pytest.mark.usefixtures("published", "network")
def test_what_a_killed_download_has_left_is_removed(empty_cache: Path) -> None:
    name = SOURCES["v1"].filename
    (empty_cache / "weights").mkdir(parents=True)
    (empty_cache / "weights" / f".{name}.a1b2c3d4").write_bytes(CONTENT[:5])
    weights.resolve("v1")
    assert {path.name for path in (empty_cache / "weights").iterdir()} == {".lock", name, f"{name}.json"}


@pytest.mark.usefixtures("published")
def test_what_torchvision_has_downloaded_is_used(waits: list[float], tmp_path: Path) -> None:
    hub = tmp_path / "torch" / "hub" / "checkpoints"
    hub.mkdir(parents=True)
    (hub / SOURCES["v1"].filename).write_bytes(CONTENT)
    assert weights.resolve("auto").name == "v1"
    assert waits == []


@pytest.mark.usefixtures("published")
def test_a_file_of_published_weights_is_recognised_by_its_hash(tmp_path: Path) -> None:
    file = tmp_path / "renamed.bin"
    file.write_bytes(CONTENT)
    assert weights.resolve(str(file)).name == "v1"


@pytest.mark.usefixtures("published")
def test_any_other_file_goes_by_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.pth"
    file.write_bytes(b"other")
    found = weights.resolve(str(file))
    assert (found.name, found.trained, found.resize) == ("mine.pth", True, 256)


@pytest.mark.parametrize(("spec", "complaint"), [("v3", "no such weights: v3"), (".", "is a folder")])
def test_an_unknown_name_is_refused_with_the_names_that_exist(spec: str, complaint: str) -> None:
    with pytest.raises(WeightsError, match=complaint) as caught:
        weights.resolve(spec)
    assert "auto, v1, v2, random" in caught.value.hint
