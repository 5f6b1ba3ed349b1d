"""The list of engines says of each what is missing: the package to install, the instruction set."""

from __future__ import annotations

from typing import Any

import pytest

from inexact import make_agreement
from reports import row
from resnet_bench.errors import EngineError
from resnet_bench.inference.available import Available
from resnet_bench.inference.engines import registered
from resnet_bench.report.engines import engines_page


def cells(name: str, **changes: Any) -> dict[str, Any]:
    given = {"version": "1.0", "obstacle": None, "flags": (), "prepared": False, "agreement": None, **changes}
    (table,) = engines_page([Available(registered(name), **given)], None).tables
    return row(table, variant=name)


def test_an_engine_that_is_not_installed_says_how_to_install_it() -> None:
    missing = EngineError("the openvino engine needs openvino", "pip install 'resnet-bench[openvino]'")
    found = cells("openvino", version=None, obstacle=missing)
    assert (found["library"], found["prepared"]) == ("pip install 'resnet-bench[openvino]'", "no")
    assert cells("openvino")["library"] == "openvino 1.0"


@pytest.mark.parametrize(
    ("name", "flags", "words"),
    [
        ("torch", (), "any"),
        ("openvino-bf16", (), "needs avx512_bf16 or amx_bf16"),
        ("openvino-bf16", ("amx_bf16",), "has amx_bf16"),
        ("onnx-int8", ("avx512_vnni",), "any; quick with avx512_vnni"),
        ("onnx-int8", (), "any; slower without VNNI"),
    ],
)
def test_what_the_processor_needs_or_has_is_named(name: str, flags: tuple[str, ...], words: str) -> None:
    assert cells(name, flags=flags)["processor"] == words


def test_agreement_is_shown_where_it_is_known_and_nowhere_else() -> None:
    assert cells("onnx")["same_top1"] == "exact"
    assert cells("onnx-int8")["same_top1"] is None
    assert cells("onnx-int8", agreement=make_agreement())["same_top1"] == "2 of 2"
