"""Engines, precisions and decodings as a user asks for them: the list, what runs, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handlers import emulate_handler
from program import CAT, IMAGES, run
from resnet_bench.inference.engines import NAMES
from resnet_bench.inference.model import Model
from resnet_bench.results.files import load
from resnet_bench.results.records import FAST_DECODE, Answer

RANDOM = ("--weights", "random")


def test_the_list_has_every_variant_with_what_is_prepared_and_how_it_agrees(int8_model: Model, tmp_path: Path) -> None:
    shown = run("engines", *RANDOM, cwd=tmp_path)
    assert (shown.code, shown.err) == (0, "")
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "weights: random" in shown.out
    document = json.loads(run("engines", *RANDOM, "--json", cwd=tmp_path).out)
    tables = {table["name"]: [row["cells"] for row in table["rows"]] for table in document["tables"]}
    rows = {row["variant"]: row for row in tables["engines"]}
    assert tuple(rows) == NAMES
    assert all(f"\n{name} " in shown.out for name in NAMES)
    assert [rows[name]["prepared"] for name in ("torch", "onnx", "onnx-int8")] == ["yes", "yes", "yes"]
    assert rows["onnx"]["same_top1"] == "exact"
    held_out = int8_model.manifest.agreements["onnx-int8"].held_out
    assert rows["onnx-int8"]["same_top1"] == f"{held_out.same_top1_count} of {held_out.images_count}"
    assert {row["subject"] for row in tables["agreements"]} == {"onnx-int8", FAST_DECODE}


def test_of_weights_that_were_never_prepared_nothing_is_prepared_by_looking(model: Model, tmp_path: Path) -> None:
    document = json.loads(run("engines", "--weights", "v2", "--json", cwd=tmp_path).out)
    (table,) = document["tables"]
    assert {row["cells"]["prepared"] for row in table["rows"]} == {"no"}
    assert sorted(path.name for path in model.folder.parent.iterdir()) == [model.folder.name]


@pytest.mark.usefixtures("int8_model")
def test_both_sides_run_the_precision_and_the_decoding_that_were_asked_for(tmp_path: Path) -> None:
    arguments = ("--precision", "int8", "--decode", "fast", "--runs", "2", "--cold", "1", "--warmup", "0")
    done = run("compare", CAT, IMAGES / "rocket.jpg", *arguments, *RANDOM, "--save", "int8.json", cwd=tmp_path)
    assert done.code == 0, done.err
    saved = load(tmp_path / "int8.json")
    assert (saved.settings.engines, saved.settings.decode) == (("onnx-int8",), "fast")
    answers = [(one.side, one.outcome) for one in saved.samples if isinstance(one.outcome, Answer)]
    assert {side for side, _ in answers} == {"local", "remote"}
    for _, answer in answers:
        each = answer.runtime
        assert (each.engine, each.precision, each.decode) == ("onnx-int8", "int8", "fast")
        assert [agreement.subject for agreement in each.agreements] == ["onnx-int8", FAST_DECODE]
    assert "note: onnx-int8 against fp32: same top 1 on " in done.err
    assert "note: fast decode, not bit for bit: same top 1 on " in done.err
    assert "Agreement with fp32 and exact decoding" in done.out
    assert "with untrained weights this means little" in " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_function_that_computes_or_decodes_otherwise_is_refused_with_the_options_that_fit(
    int8_model: Model, tmp_path: Path
) -> None:
    with emulate_handler(int8_model, "onnx-int8", decode="fast") as emulated:
        call = ("remote", CAT, "--url", emulated.url, "--no-save", "--quiet")
        other_precision = run(*call, cwd=tmp_path)
        other_decoding = run(*call, "--precision", "int8", cwd=tmp_path)
        alike = run(*call, "--precision", "int8", "--decode", "fast", cwd=tmp_path)
    assert other_precision.error().endswith("runs the onnx-int8 engine, not onnx")
    assert "try: compare like with like: --engine onnx --precision int8" in other_precision.err
    assert other_decoding.error().endswith("decodes images the fast way, not the exact one")
    assert "try: compare like with like: --decode fast" in other_decoding.err
    assert (other_precision.code, other_decoding.code, alike.code) == (4, 4, 0)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (("--engine", "torch", "--precision", "int8"), "torch does not compute in int8", "use --engine onnx"),
        (("--precision", "half"), "--precision is half", "one of: fp32, int8, bf16"),
        (("--decode", "quick"), "--decode is quick", "one of: exact, fast"),
        (("--precision", "int8", "--calibrate", "nowhere"), "--calibrate nowhere is no folder", "name a folder"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    options: tuple[str, ...], message: str, hint: str, tmp_path: Path
) -> None:
    done = run("local", CAT, *options, *RANDOM, cwd=tmp_path)
    assert (done.code, done.error()) == (2, message)
    assert f"try: {hint}" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("begun", "offered"),
    [
        ("local --engine o", ["onnx", "openvino"]),
        ("compare --precision i", ["int8"]),
        ("emulate --decode ", ["exact", "fast"]),
    ],
)
def test_a_shell_completes_the_values(begun: str, offered: list[str], tmp_path: Path) -> None:
    words = f"resnet-bench {begun}"
    variables = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_RESNET_BENCH_COMPLETE": "complete_bash"}
    assert run(cwd=tmp_path, env=variables).out.split() == offered
