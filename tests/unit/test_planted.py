"""Folders that all may write to, and what others leave there for this user to step into."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_bench.errors import SetupError
from resnet_bench.inference import cache
from resnet_bench.inference.files import locked, replacing
from resnet_bench.planted import is_planted
from resnet_bench.results.disk import write_atomically

NOBODY = 65534
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file somebody else's")


def of_nobody(path: Path) -> Path:
    os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return path


def shared(folder: Path, mode: int = 0o1777) -> Path:
    folder.mkdir()
    folder.chmod(mode)
    return folder


def link(path: Path, target: Path) -> Path:
    path.symlink_to(target)
    return path


@root_only
def test_a_link_of_somebody_else_in_a_folder_for_all_is_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    planted = of_nobody(link(shared(tmp_path / "shared") / "run.json", precious))
    with pytest.raises(PermissionError, match="another user"):
        write_atomically(planted, b"results")
    assert precious.read_text() == "mine"
    assert planted.is_symlink()


@root_only
def test_a_link_into_the_void_is_neither(tmp_path: Path) -> None:
    planted = of_nobody(link(shared(tmp_path / "shared") / "run.json", tmp_path / "new"))
    with pytest.raises(PermissionError):
        write_atomically(planted, b"results")
    assert not (tmp_path / "new").exists()


def test_ones_own_link_leads_where_it_leads(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("old")
    own = link(shared(tmp_path / "shared") / "run.json", target)
    write_atomically(own, b"new")
    assert (target.read_text(), own.is_symlink()) == ("new", True)


@root_only
def test_where_others_cannot_write_a_link_is_somebodys_deed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("old")
    theirs = of_nobody(link(shared(tmp_path / "folder", 0o755) / "run.json", target))
    assert not is_planted(theirs)
    write_atomically(theirs, b"new")
    assert target.read_text() == "new"


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Path]:
    def choose(folder: Path) -> Path:
        monkeypatch.setenv(cache.VARIABLE, str(folder))
        return cache.root()

    return choose


def test_the_cache_is_made_for_this_user_alone(chosen: Callable[[Path], Path], tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = chosen(tmp_path / "new" / "cache")
        inner = cache.subfolder(made / "models")
        with replacing(inner / "file") as temporary:
            temporary.write_text("x")
            names = [temporary.name]
        with replacing(inner / "file") as temporary:
            names.append(temporary.name)
        with locked(inner / ".lock"):
            pass
    finally:
        os.umask(before)
    for folder in (made, inner):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in (inner / "file", inner / ".lock"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names[0] != names[1], "nobody knows beforehand where to put a trap"


def test_a_cache_that_everybody_may_write_to_is_refused(chosen: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="everybody may write") as refused:
        chosen(shared(tmp_path / "shared"))
    assert cache.VARIABLE in refused.value.hint
    assert chosen(tmp_path / "shared" / "mine").is_dir()


@root_only
@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_cache_that_somebody_else_has_laid_out_is_refused(
    chosen: Callable[[Path], Path], tmp_path: Path, kind: str
) -> None:
    place = shared(tmp_path / "shared") / "cache"
    if kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(tmp_path)
    with pytest.raises(SetupError, match="another user has made it"):
        chosen(of_nobody(place))


@root_only
def test_a_cache_of_another_user_is_refused_to_all_but_root(
    chosen: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs").mkdir()
    theirs = of_nobody(tmp_path / "theirs")
    assert chosen(theirs) == theirs, "as in a container, in a folder that is its user's outside"
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    with pytest.raises(SetupError, match="another user has made it"):
        chosen(theirs)


def test_a_link_in_the_cache_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    with replacing(link(tmp_path / "manifest.json", precious)) as temporary:
        temporary.write_text("new")
    assert precious.read_text() == "mine"
    assert (tmp_path / "manifest.json").read_text() == "new"


def test_a_link_that_stands_for_a_lock_costs_its_target_nothing(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    with locked(link(tmp_path / ".lock", precious)):
        pass
    assert precious.read_text() == "mine"
