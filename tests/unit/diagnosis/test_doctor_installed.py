"""What is installed and whether there is room, with other versions, disks and limits put in their places."""

from __future__ import annotations

import resource
from importlib import metadata
from pathlib import Path

import pytest

from examined import only
from resnet_bench.diagnosis import installed
from resnet_bench.units import MIB

REQUIRED = (
    "numpy>=1.26",
    "uvicorn[standard]>=0.32",
    "openvino>=2024.4; extra == 'openvino'",
    "pytest>=8; extra == 'dev'",
)


def versions(**known: str):
    def version(name: str) -> str:
        if name not in known:
            raise metadata.PackageNotFoundError(name)
        return known[name]

    return version


def test_versions_within_their_ranges_are_fine_and_tools_for_tests_are_not_asked_for() -> None:
    found = list(installed.packages(REQUIRED, versions(numpy="2.4.6+cpu", uvicorn="0.40.1", openvino="2026.1")))
    assert [(one.what, one.verdict) for one in found] == [("numpy", "ok"), ("uvicorn", "ok"), ("openvino", "ok")]


def test_an_old_version_is_a_doubt_and_a_missing_package_a_fault_but_for_extras() -> None:
    found = list(installed.packages(REQUIRED, versions(numpy="1.9.3")))
    old, missing = found
    assert (old.verdict, old.told, old.todo) == ("doubt", "1.9.3 (>=1.26)", "pip install 'numpy>=1.26'")
    assert (missing.what, missing.verdict) == ("uvicorn", "fault")


def test_every_requirement_of_this_package_is_understood() -> None:
    asked = [text for text in metadata.requires(installed.PACKAGE) or () if "extra == 'dev'" not in text]
    assert len(asked) >= 18
    found = list(installed.packages(asked, metadata.version))
    assert {one.verdict for one in found} == {"ok"}
    assert {"torch", "onnxruntime", "numpy", "httpx"} <= {one.what for one in found}


def test_the_python_that_runs_this_is_new_enough() -> None:
    assert installed.python().verdict == "ok"


def test_room_is_looked_for_where_a_folder_would_be_made(tmp_path: Path) -> None:
    found = installed.room("disk-cache", "cache", tmp_path / "not" / "yet", 1, needed=True)
    assert (found.verdict, found.measured[0].unit) == ("ok", "bytes")
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize(("needed", "verdict"), [(True, "fault"), (False, "doubt")])
def test_too_little_room_is_a_fault_only_where_it_is_needed(needed: bool, verdict: str, tmp_path: Path) -> None:
    found = installed.room("disk-cache", "cache", tmp_path, 1 << 60, needed=needed)
    assert found.verdict == verdict
    assert "RESNET_BENCH_CACHE" in found.todo


def test_a_folder_that_cannot_be_written_to_is_found_without_writing() -> None:
    found = installed.room("disk-results", "results", Path("/dev/null/results"), 1, needed=True)
    assert (found.verdict, found.told) == ("fault", "it cannot be written to")
    assert "--save" in found.todo


@pytest.mark.parametrize(("available", "verdict"), [(2048 * MIB, "ok"), (512 * MIB, "doubt"), (None, "not measured")])
def test_a_function_of_1024_mb_has_to_fit(available: int | None, verdict: str) -> None:
    assert installed.memory(available, 2).verdict == verdict


@pytest.mark.parametrize(("limit", "verdict"), [(256, "doubt"), (1024, "ok"), (resource.RLIM_INFINITY, "ok")])
def test_few_open_files_are_a_doubt(limit: int, verdict: str) -> None:
    assert installed.open_files(limit).verdict == verdict


def test_container_tools_are_told_of_and_never_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    podman = tmp_path / "podman"
    podman.write_text("#!/bin/sh\necho no storage here >&2; exit 1\n")
    podman.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = list(installed.container_tools(ask=True))
    assert only(found, what="docker").told == "not installed"
    assert "no storage here" in only(found, what="podman").told
    assert only(installed.container_tools(ask=False), what="podman").told == "installed"
    assert {one.verdict for one in found} == {"not measured"}


def test_an_output_without_utf8_is_drawn_in_ascii() -> None:
    assert installed.terminal("utf-8").follows == ""
    assert "ASCII" in installed.terminal("ascii").follows


def test_shared_memory_that_is_missing_is_a_doubt(tmp_path: Path) -> None:
    assert installed.shared_memory(tmp_path).verdict == "ok"
    assert installed.shared_memory(tmp_path / "none").verdict == "doubt"
