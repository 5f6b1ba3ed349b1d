"""``--slo``: the exit code by which a CI job guards a deployment."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from factories import make_run, make_sample
from program import run
from sweeps import make_sizes


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Local calls of 100 ms, Lambda's of 400 ms."""
    samples = tuple(
        make_sample(side, engine="onnx", pair=pair, position=place, total_s=total_s)
        for pair in range(60)
        for place, (side, total_s) in enumerate((("local", 0.1), ("remote", 0.4)))
    )
    path = tmp_path_factory.mktemp("slo") / "run.json"
    path.write_bytes(msgspec.json.encode(make_run(samples=samples)))
    return path


def test_a_kept_objective_is_a_pass_on_both_sides(saved: Path) -> None:
    done = run("show", saved, "--slo", "p95=500ms", cwd=saved.parent)
    assert done.code == 0
    rows = [line.split() for line in done.out.splitlines() if line.split()[-1:] == ["pass"]]
    assert [row[1] for row in rows] == ["local", "Lambda"]


def test_a_missed_one_exits_with_1_and_names_who_missed_it(saved: Path) -> None:
    done = run("show", saved, "--slo", "p95=300ms", "--slo", "p50=50ms", cwd=saved.parent)
    assert done.code == 1
    assert done.error() == (
        "onnx on Lambda misses p95=300ms; onnx here misses p50=50ms; onnx on Lambda misses p50=50ms"
    )
    assert "fail" in done.out, "the tables stand there all the same"


def test_the_json_document_tells_it_too(saved: Path) -> None:
    done = run("show", saved, "--slo", "p95=300ms", "--json", cwd=saved.parent)
    table = next(one for one in msgspec.json.decode(done.out)["tables"] if one["name"] == "objectives")
    assert [row["cells"]["result"] for row in table["rows"]] == ["pass", "fail"]
    assert done.code == 1


def test_a_result_with_nothing_to_judge_keeps_no_objective(tmp_path: Path) -> None:
    """That nothing was slow is true of it, and would let any deployment pass."""
    (tmp_path / "tune.json").write_bytes(msgspec.json.encode(make_sizes({512: [0.4] * 12, 1024: [0.2] * 12})))
    done = run("show", "tune.json", "--slo", "p95=1ms", cwd=tmp_path)
    assert done.code == 5
    assert done.error() == "p95=1ms cannot be judged: the result has no warm calls under one condition"
    assert "Which size to take" in done.out


def test_nonsense_is_refused_before_anything_is_read(saved: Path) -> None:
    done = run("show", "missing.json", "--slo", "fast", cwd=saved.parent)
    assert done.code == 2
    assert done.error() == "--slo is 'fast', which is no objective"
