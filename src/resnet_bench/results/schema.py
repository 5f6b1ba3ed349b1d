"""The JSON Schemas of the documents that this program writes, made from the records themselves.

python -m resnet_bench.results.schema docs/result.schema.json docs/doctor.schema.json
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from resnet_bench.results import diagnosis, run, versions

# The record of each kind of document, and today's version of it.
DOCUMENTS: dict[str, tuple[type[msgspec.Struct], int]] = {
    "result": (run.Run, versions.VERSION),
    "doctor": (diagnosis.Diagnosis, diagnosis.VERSION),
}
_SUFFIX = ".schema.json"


def schema(kind: str = "result") -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a document of today's version; descriptions are the docstrings.

    Unknown fields are allowed, as the loader allows them.
    """
    record, version = DOCUMENTS[kind]
    made = msgspec.json.schema(record)
    for definition in made["$defs"].values():
        definition["description"] = inspect.cleandoc(definition["description"])
    made["$defs"][record.__name__]["properties"]["version"] = {"const": version}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:resnet-bench:{kind}:{version}",
        "title": f"resnet-bench {kind}, version {version}",
        "description": inspect.cleandoc(inspect.getdoc(sys.modules[record.__module__]) or ""),
        **made,
    }


def text(kind: str = "result") -> str:
    """The schema as it is committed."""
    return json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(text(path.name.removesuffix(_SUFFIX)), encoding="utf-8")
