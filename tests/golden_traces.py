"""The X-Ray traces of ``tests/golden`` under ids of the tests' own."""

from __future__ import annotations

import json
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def trace_id(number: int, came: int = 0x68DD2F00) -> str:
    """``came`` is the second since the epoch that a trace id carries."""
    return f"1-{came:08x}-{number:024x}"


def documents(name: str, number: int) -> list[str]:
    """The segments of ``xray_<name>.json``, as the JSON texts that AWS hands out."""
    trace = json.loads((GOLDEN / f"xray_{name}.json").read_text())
    return [json.dumps({**segment["Document"], "trace_id": trace_id(number)}) for segment in trace["Segments"]]
