"""The tests that docs/security.md and docs/reliability.md name exist: what a table claims can be run."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["docs/security.md", "docs/reliability.md"]
# `tests/unit/test_x.py::test_name`; without a name the whole file is meant.
NAMED = re.compile(r"(tests/[\w/]+\.py)(?:::(\w+))?")
# The rows of a table under a heading that holds threats: threat | what stands against it | tests | what remains.
CELLS = 4


@cache
def named_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"
    )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_is_named_exists(document: str) -> None:
    missing = []
    for file, name in NAMED.findall((ROOT / document).read_text()):
        path = ROOT / file
        if not path.is_file() or (name and name not in named_in(path)):
            missing.append(f"{file}::{name}")
    assert not missing


def test_every_threat_has_a_test_or_says_why_not() -> None:
    rows = [line for line in (ROOT / "docs/security.md").read_text().splitlines() if line.startswith("| ")]
    threats = [row for row in rows if "| ---" not in row and not row.startswith(("| threat", "| who", "| what"))]
    threats = [cells for row in threats if len(cells := row.strip("|").split(" | ")) == CELLS]
    assert len(threats) > 50
    for cells in threats:
        assert NAMED.search(cells[2]) or cells[2].strip().startswith("none:"), cells[0]
