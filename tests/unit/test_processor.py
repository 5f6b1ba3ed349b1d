"""The processor's name and instruction sets, from whatever the kernel says of it."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench import processor
from resnet_bench.processor import cpu_flags, cpu_model

FLAG = st.text("abcdefghijklmnopqrstuvwxyz0123456789_.", min_size=1, max_size=14)
VALUE = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=40)
OTHERS = st.dictionaries(
    st.sampled_from(["processor", "vendor_id", "cpu family", "bugs", "vmx flags", "CPU part", "BogoMIPS"]), VALUE
)


def paragraph(fields: dict[str, str]) -> str:
    """As the kernel pads it: names to tab stops, and some fields without a value."""
    return "".join(f"{name:<12}\t: {value}\n" for name, value in fields.items()) + "\n"


def written(folder: Path, text: str) -> Path:
    # What was read once is kept: the kernel's does not change.
    processor._first_processor.cache_clear()
    file = folder / "cpuinfo"
    file.write_text(text)
    return file


def test_the_cpu_is_named_by_the_kernel(tmp_path: Path) -> None:
    info = "processor\t: 0\nmodel name\t: Some CPU:  3000 @ 2 GHz\n\nprocessor\t: 1\nmodel name\t: B\n"
    assert cpu_model(written(tmp_path, info)) == "Some CPU: 3000 @ 2 GHz"


@pytest.mark.parametrize("text", ["", "processor\t: 0\nBogoMIPS\t: 243.75\n"])
def test_a_cpu_without_a_name_goes_by_its_architecture(text: str, tmp_path: Path) -> None:
    assert cpu_model(written(tmp_path, text)) == platform.machine()


def test_without_proc_nothing_is_known(tmp_path: Path) -> None:
    assert cpu_model(tmp_path / "none") == platform.machine()
    assert cpu_flags(tmp_path / "none") == frozenset()


def test_this_machines_processor_can_do_something() -> None:
    assert cpu_flags()
    assert cpu_model()


@given(before=OTHERS, flags=st.lists(FLAG, max_size=200), after=OTHERS, key=st.sampled_from(["flags", "Features"]))
def test_the_flags_are_those_of_the_flags_line_and_of_no_other(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, str], flags: list[str], after: dict[str, str], key: str
) -> None:
    """``flags`` on x86, ``Features`` on ARM; ``vmx flags`` and ``bugs`` are lists too, of other things."""
    text = paragraph({**before, key: " ".join(flags), **{name: after[name] for name in after if name not in before}})
    assert cpu_flags(written(tmp_path_factory.getbasetemp(), text)) == frozenset(flags)


@given(
    first=st.lists(FLAG, min_size=1, max_size=50), second=st.lists(FLAG, max_size=50), processors=st.integers(1, 300)
)
def test_a_machine_with_many_processors_is_known_by_its_first(
    tmp_path_factory: pytest.TempPathFactory, first: list[str], second: list[str], processors: int
) -> None:
    text = paragraph({"flags": " ".join(first)}) + paragraph({"flags": " ".join(second)}) * processors
    assert cpu_flags(written(tmp_path_factory.getbasetemp(), text)) == frozenset(first)


@given(st.binary(max_size=400))
def test_whatever_is_in_the_file_is_read_without_a_failure(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = written(tmp_path_factory.getbasetemp(), "")
    file.write_bytes(content)
    assert isinstance(cpu_flags(file), frozenset)
    assert cpu_model(file)
