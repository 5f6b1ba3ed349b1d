"""A built image's layers as rows, and as a document for machines."""

from __future__ import annotations

from typing import Any

from resnet_bench.lambda_image.build import BuiltImage
from resnet_bench.report.rows import Column, Row, Table
from resnet_bench.units import MIB, format_bytes

# What an ONNX image may add to AWS's base: this project's own goal. Lambda's limit is 10 GB for all of it.
GOAL_BYTES = 350 * MIB
_CONTENTS = {"packages": "engine and its libraries", "model": "weights", "code": "the handler"}


def image_table(built: BuiltImage) -> Table:
    rows = (
        Row(("base", built.base, float(built.base_bytes))),
        *(Row((layer.what, _CONTENTS[layer.what], float(layer.size_bytes))) for layer in built.layers),
        Row(("over the base", "", float(built.over_base_bytes))),
        Row(("in all", "", float(built.size_bytes))),
    )
    columns = (Column("layer", "Layer"), Column("contents", "Contents", fold=True), Column("size", "Size", "bytes"))
    return Table("layers", f"{built.name}, {built.engine} on {built.architecture}", columns, rows, notes=_notes(built))


def _notes(built: BuiltImage) -> tuple[str, ...]:
    notes = ["Sizes are of the files, uncompressed, as Lambda counts them."]
    if built.engine == "onnx":
        reached = "reached" if built.over_base_bytes < GOAL_BYTES else "missed"
        notes.append(f"Goal of an ONNX image: under {format_bytes(GOAL_BYTES)} over its base: {reached}.")
    return tuple(notes)


def image_document(built: BuiltImage) -> dict[str, Any]:
    """Sizes in bytes."""
    return {
        "name": built.name,
        "id": built.id,
        "engine": built.engine,
        "architecture": built.architecture,
        "base": built.base,
        "tool": built.tool.name,
        "layers": [{"what": layer.what, "size_bytes": layer.size_bytes} for layer in built.layers],
        "base_bytes": built.base_bytes,
        "over_base_bytes": built.over_base_bytes,
        "size_bytes": built.size_bytes,
    }
