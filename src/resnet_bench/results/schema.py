"""The JSON Schema of the result document, made from the records themselves.

python -m resnet_bench.results.schema docs/result.schema.json
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from resnet_bench.results.run import Run
from resnet_bench.results.versions import VERSION


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a result document of today's version; descriptions are the docstrings.

    Unknown fields are allowed, as the loader allows them.
    """
    made = msgspec.json.schema(Run)
    for definition in made["$defs"].values():
        definition["description"] = inspect.cleandoc(definition["description"])
    made["$defs"]["Run"]["properties"]["version"] = {"const": VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:resnet-bench:result:{VERSION}",
        "title": f"resnet-bench result, version {VERSION}",
        "description": inspect.cleandoc(inspect.getdoc(sys.modules[Run.__module__]) or ""),
        **made,
    }


def text() -> str:
    """The schema as it is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
