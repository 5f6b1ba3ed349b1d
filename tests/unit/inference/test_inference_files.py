from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from resnet_bench.errors import SetupError
from resnet_bench.inference import cache
from resnet_bench.inference.files import Fingerprint, locked, replacing


def test_a_replaced_file_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("old")
    with replacing(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_failed_replacement_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("old")

    def interrupted() -> None:
        with replacing(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_fingerprint_knows_its_file_again(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    mark = Fingerprint.of(file)
    assert mark.matches(file)
    os.utime(file, ns=(1, 1))
    assert mark.matches(file), "the contents are the same, as after a copy"


@pytest.mark.parametrize("content", [b"abd", b"abcd", b""])
def test_a_fingerprint_sees_other_contents(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    mark = Fingerprint.of(file)
    file.write_bytes(content)
    os.utime(file, ns=(1, 1))
    assert not mark.matches(file)


def test_a_fingerprint_sees_a_missing_file(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.touch()
    mark = Fingerprint.of(file)
    file.unlink()
    assert not mark.matches(file)


def test_a_locked_file_is_held_until_the_end_of_the_block(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with locked(lock), lock.open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with lock.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_the_cache_is_this_users_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path / "deep" / "cache"))
    assert cache.root() == tmp_path / "deep" / "cache"
    assert cache.root().stat().st_mode & 0o777 == 0o700


def test_without_the_variable_the_cache_is_the_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESNET_BENCH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.root() == tmp_path / "resnet-bench"


def test_a_cache_that_cannot_be_made_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(SetupError, match="cannot write to the cache") as caught:
        cache.root()
    assert "RESNET_BENCH_CACHE" in caught.value.hint
