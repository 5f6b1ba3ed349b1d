"""Doubts stored with a run, made anew when its samples have changed."""

import ast
from pathlib import Path

import pytest
from msgspec.structs import replace

from doubts import QUIET, with_outcomes
from factories import make_deployment
from resnet_bench.benchmark import checks
from resnet_bench.benchmark.checks import CODES, check, recheck
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Caveat


def test_every_code_that_a_check_gives_is_known_as_one():
    folder = Path(checks.__file__).parent
    trees = [ast.parse(path.read_text()) for path in folder.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    constants = {
        node.targets[0].id: node.value.value
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    given = {node.value for node in nodes if isinstance(node, ast.keyword) and node.arg == "code"}
    assert {constants[ast.unparse(code)] if isinstance(code, ast.Name) else code.value for code in given} == CODES


def test_checking_again_drops_what_is_no_longer_true_and_keeps_what_only_the_run_saw():
    seen = Caveat(code="slots-skipped", message="2 starts were skipped", next_step="")
    old = Caveat(code="trace-coverage", message="0/60 calls traced: 60 late", next_step="")
    still = Caveat(code="host-busy", message="in other words", next_step="")
    busy = replace(QUIET, environment=replace(QUIET.environment, load_1m=99.0), caveats=(seen, old, still))
    again = recheck(busy)
    assert [caveat.code for caveat in again.caveats] == ["slots-skipped", "host-busy"]
    assert again.caveats[0] == seen
    assert again.caveats[1] != still
    assert recheck(again) == again


@pytest.mark.parametrize(
    ("kind", "pending", "advised"),
    [("aws", True, True), ("url", True, True), ("emulated", True, False), ("aws", False, False)],
)
def test_late_traces_can_be_collected_where_the_function_still_is(kind, pending, advised):
    late = lambda s: replace(s, trace=Skipped("why", pending=pending))  # noqa: E731
    run = with_outcomes(replace(QUIET, deployment=make_deployment(kind=kind)), late, 2, phase="warm", side="remote")
    (found,) = [caveat for caveat in check(run) if caveat.code == "trace-coverage"]
    assert ("resnet-bench collect" in found.next_step) == advised
