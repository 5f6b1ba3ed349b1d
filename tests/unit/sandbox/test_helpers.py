"""The helper processes: started by an interpreter without site-packages, so on the standard library alone."""

from __future__ import annotations

import os
import subprocess

import pytest

from resnet_bench.sandbox.helper import helper_command
from resnet_bench.sandbox.limits.naming import cage_name
from resnet_bench.sandbox.placement import give_back_cpus, take_cpus
from resnet_bench.sandbox.sweeper import listen


@pytest.mark.parametrize("module", ["launch", "sweeper", "throttler", "memory"])
def test_helpers_import_nothing_but_the_standard_library(module: str) -> None:
    *interpreter, code = helper_command(module)
    without_main = code.replace("import main; main()", "import __name__")
    listing = "; print(*sorted({m.split('.')[0] for m in sys.modules if m not in sys.builtin_module_names}))"
    done = subprocess.run([*interpreter, without_main + listing], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "resnet_bench" in loaded
    assert not loaded & {"msgspec", "numpy", "typing_extensions", "site"}


def test_the_sweeper_keeps_what_was_registered_and_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    saved = os.dup(0)
    os.dup2(reading, 0)
    try:
        os.write(writing, b"+folder /a b\n+session 12\n-folder /other\n+cgroup /c\n-sess")
        os.write(writing, b"ion 12\n+unit never fini")
        os.close(writing)
        assert listen(os.getpid()) == [("folder", "/a b"), ("cgroup", "/c")]
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(reading)


def test_cage_names_are_unique_and_tell_whose_they_are() -> None:
    first, second = cage_name("lambda/../x y"), cage_name("lambda/../x y")
    assert first != second
    assert first.startswith(f"resnet-bench-{os.getpid()}-")
    assert first.endswith("-lambda-x-y")


def test_sandboxes_that_run_at_once_are_spread_and_later_ones_get_the_same_cpus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3, 2, 1, 0})
    first = take_cpus(2)
    second = take_cpus(2)
    third = take_cpus(6)
    assert (first, second, third) == ((0, 1), (2, 3), (0, 1, 2, 3))
    for cpus in (first, second, third):
        give_back_cpus(cpus)
    assert take_cpus(2) == (0, 1)
    give_back_cpus((0, 1))
