"""``--engine`` and ``--precision`` name variants, or say what is wrong with what was asked."""

from __future__ import annotations

import pytest

from resnet_bench.cli.variants import Asked, in_result
from resnet_bench.errors import EngineError, UsageError
from resnet_bench.inference import engines
from resnet_bench.inference.engines import NAMES, Registered


@pytest.fixture(autouse=True)
def everything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    cannot_run(monkeypatch)


def cannot_run(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def obstacle(variant: Registered) -> EngineError | None:
        return EngineError(f"{variant.name} is not for this machine", "use another") if variant.name in names else None

    monkeypatch.setattr(engines.Registered, "obstacle", obstacle)


def refusal(asked: Asked | None = None, **one: str | None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        (asked or Asked.one(**{"engine": None, "precision": None, **one})).names()
    return caught.value


@pytest.mark.parametrize(
    ("engine", "precision", "name"),
    [
        (None, None, "onnx"),
        ("torch", None, "torch"),
        (None, "int8", "onnx-int8"),
        ("openvino", "bf16", "openvino-bf16"),
        ("openvino", "fp32", "openvino"),
    ],
)
def test_one_engine_in_one_precision_is_one_variant(engine: str | None, precision: str | None, name: str) -> None:
    assert Asked.one(engine, precision).name == name


@pytest.mark.parametrize(
    ("given", "precisions", "names"),
    [
        (None, None, ("onnx", "torch")),
        (["torch", "onnx", "torch"], None, ("torch", "onnx")),
        (None, ["int8"], ("onnx-int8",)),
        (["onnx"], ["int8", "fp32"], ("onnx", "onnx-int8")),
        (["all"], None, ("torch", "onnx", "openvino")),
        (["all"], ["int8"], ("onnx-int8", "openvino-int8")),
        (["all"], ["all"], NAMES),
        (["torch"], ["all"], ("torch",)),
    ],
)
def test_several_are_the_engines_in_the_precisions_that_they_have(
    given: list[str] | None, precisions: list[str] | None, names: tuple[str, ...]
) -> None:
    assert Asked.many(given, precisions).names() == names


def test_a_precision_that_a_named_engine_lacks_is_refused_with_the_engines_that_have_it() -> None:
    error = refusal(engine="torch", precision="int8")
    assert error.message == "torch does not compute in int8"
    assert error.hint == "use --engine onnx or --engine openvino"
    assert refusal(Asked.many(["onnx", "torch"], ["int8"])).message == "torch does not compute in int8"
    assert refusal(Asked.many(None, ["bf16"])).message == "onnx and torch do not compute in bf16"


def test_what_is_no_engine_or_precision_is_refused_with_those_that_are() -> None:
    assert refusal(engine="tensorflow").hint == "the engines are: torch, onnx, openvino"
    assert refusal(engine="onnx-int8").hint == "--engine onnx --precision int8"
    assert refusal(precision="fp16").hint == "one of: fp32, int8, bf16"


@pytest.mark.parametrize("which", [{"engine": "all"}, {"precision": "all"}])
def test_a_command_of_one_engine_does_not_take_all(which: dict[str, str]) -> None:
    assert "all are asked for" in refusal(**which).message


def test_all_leaves_out_what_cannot_run_here_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cannot_run(monkeypatch, "openvino", "openvino-int8")
    assert Asked.many(["all"], ["fp32", "int8"]).names() == ("torch", "onnx", "onnx-int8")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "note: without openvino: openvino is not for this machine",
        "note: without openvino-int8: openvino-int8 is not for this machine",
    ]


def test_where_nothing_of_all_can_run_the_reason_is_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    cannot_run(monkeypatch, *NAMES)
    with pytest.raises(EngineError, match="torch is not for this machine"):
        Asked.many(["all"], None).names()


def test_what_was_named_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cannot_run(monkeypatch, "openvino")
    assert Asked.many(["onnx", "openvino"], None).names() == ("onnx", "openvino"), "preparing it says why it cannot run"


@pytest.mark.parametrize(
    ("given", "precisions", "admitted"),
    [
        ((), (), True),
        (("onnx",), (), True),
        ((), ("int8",), True),
        (("all",), ("all",), True),
        (("onnx",), ("fp32",), False),
        (("torch",), (), False),
        (("onnx", "torch"), (), False),
    ],
)
def test_what_is_deployed_decides_whatever_was_left_open(
    given: tuple[str, ...], precisions: tuple[str, ...], admitted: bool
) -> None:
    assert Asked(given, precisions).admits("onnx-int8") is admitted


def test_of_a_result_variants_are_named_as_its_tables_do_or_by_precision() -> None:
    known = ("torch", "onnx", "onnx-int8", "openvino-int8")
    assert in_result(known, (), ()) == ()
    assert in_result(known, ("onnx-int8",), ()) == ("onnx-int8",)
    assert in_result(known, ("onnx",), ("int8",)) == ("onnx-int8",)
    assert in_result(known, (), ("int8",)) == ("onnx-int8", "openvino-int8")
    with pytest.raises(UsageError, match="no such engine in bf16"):
        in_result(known, (), ("bf16",))
