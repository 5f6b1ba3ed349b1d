"""A cache that something has happened to: made whole again, known by hashes, and nobody's run disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from disks import read_only
from preparing import Workbench, workbench
from resnet_bench.errors import WeightsError
from resnet_bench.inference import users
from resnet_bench.inference.files import Fingerprint, locked, sha256_of
from resnet_bench.inference.model import Model, Samples, read_manifest, write_manifest
from resnet_bench.inference.users import alone
from resnet_bench.progress import SILENT
from sandboxes import wait_until

PLAIN, OPTIMISED = "resnet50.onnx", "resnet50.optimised.onnx"
MANIFEST, WEIGHTS = "manifest.json", "weights.safetensors"


@pytest.fixture
def bench(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    return workbench(model, tmp_path / "cache", monkeypatch)


@pytest.fixture
def ready(bench: Workbench) -> Workbench:
    bench.prepare("onnx")
    return bench


def flip(file: Path, at: int = -1) -> None:
    """One bit, as a failing disk does it: size and time stay."""
    status, data = file.stat(), bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def folder_instead(file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "something").touch()


def link_instead(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere")


DAMAGE: dict[str, Callable[[Path], None]] = {
    "a bit": flip,
    "truncated": lambda file: os.truncate(file, file.stat().st_size // 2),
    "a folder in its place": folder_instead,
    "a link to nowhere in its place": link_instead,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("artifact", [OPTIMISED, f"{OPTIMISED}.data"])
def test_what_a_command_loads_is_known_by_its_hash(artifact: str, damage: str, ready: Workbench) -> None:
    whole = sha256_of(ready.model.path(artifact))
    DAMAGE[damage](ready.folder / artifact)
    assert ready.prepare("onnx") == [OPTIMISED]
    assert sha256_of(ready.model.path(artifact)) == whole
    assert not ready.model.path(artifact).is_symlink()


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_a_file_is_made_of_is_known_by_its_hash_when_it_is_made(damage: str, ready: Workbench) -> None:
    """The plain graph is not loaded here: only what is made of it is."""
    DAMAGE[damage](ready.folder / PLAIN)
    (ready.folder / OPTIMISED).unlink()
    assert ready.prepare("onnx") == [PLAIN, OPTIMISED]


def test_a_bit_anywhere_in_the_manifest_is_seen(ready: Workbench) -> None:
    """Even one in a figure that nothing else depends on, as in an agreement that is printed."""
    file = ready.folder / MANIFEST
    good, known = file.read_bytes(), ready.model.manifest
    for at in range(0, len(good), 7):
        flip(file, at)
        with suppress(WeightsError):
            found = read_manifest(ready.folder)
            assert not found.is_sealed or replace(found, seal=known.seal) == known
        file.write_bytes(good)
    flip(file, good.index(b'"inputs_count": 1') + len(b'"inputs_count": '))
    assert ready.prepare("onnx") == [PLAIN, OPTIMISED]


def test_a_manifest_from_before_there_were_seals_is_taken(ready: Workbench) -> None:
    file = ready.folder / MANIFEST
    file.write_bytes(file.read_bytes().replace(ready.model.manifest.seal.encode(), b""))
    assert read_manifest(ready.folder).seal == ""
    assert ready.prepare("onnx") == []


def test_a_manifest_and_a_lock_that_have_become_folders_are_made_again(ready: Workbench) -> None:
    folder_instead(ready.folder / MANIFEST)
    folder_instead(ready.folder / ".lock")
    assert ready.prepare("onnx") == [PLAIN, OPTIMISED]
    assert ready.prepare("onnx") == []


def test_a_cache_that_is_whole_may_be_read_only(ready: Workbench) -> None:
    with read_only(ready.folder.parents[1]):
        assert ready.prepare("onnx") == []


def test_others_are_waited_for_aloud(tmp_path: Path) -> None:
    said: list[str] = []
    with locked(tmp_path / "lock"), holding(tmp_path / "lock", said):
        wait_until(lambda: said == ["waits"], "it says that it waits")
    wait_until(lambda: said == ["waits", "has it"], "it has it afterwards")


@contextmanager
def holding(lock: Path, said: list[str]) -> Iterator[None]:
    """Somebody else who wants it."""
    import threading

    def want() -> None:
        with locked(lock, lambda: said.append("waits")):
            said.append("has it")

    threading.Thread(target=want, daemon=True).start()
    yield


HOLD = """
import sys, time
from pathlib import Path
from resnet_bench.inference.users import hold
hold(Path(sys.argv[1]))
print("holds", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_calibrated_anew_while_a_run_uses_it(end: signal.Signals, tmp_path: Path) -> None:
    said: list[str] = []

    class Told:
        def step(self, text: str, fraction: float | None = None) -> None:
            said.append(text)
            user.send_signal(end)

    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"holds\n"
        with alone(tmp_path, Told()):
            user.wait()
    assert said == ["waiting for other commands that use the int8 model"]
    with alone(tmp_path, SILENT):
        pass


def test_a_run_that_uses_a_model_may_calibrate_it_itself(bench: Workbench, samples: tuple[str, ...]) -> None:
    bench.prepare("onnx-int8", samples=Samples(samples))
    users.hold(bench.folder)
    assert bench.prepare("onnx-int8", samples=Samples(samples[:3], chosen=True))[0] == "resnet50-int8.onnx"


def test_a_thorough_look_sees_what_size_and_time_do_not_tell(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    mark = Fingerprint.of(file)
    flip(file)
    assert mark.matches(file)
    assert not mark.matches(file, thorough=True)


def test_a_seal_is_of_what_is_written(ready: Workbench, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    write_manifest(tmp_path / "other", replace(ready.model.manifest, resize=1))
    assert read_manifest(tmp_path / "other").is_sealed
    assert not replace(ready.model.manifest, resize=1).is_sealed
