"""The engines of this machine as a page: what is installed, what each needs, what is prepared."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.benchmark.reduced import Reduced
from resnet_bench.inference.available import QUICKER, Available
from resnet_bench.inference.model import Model
from resnet_bench.processor import cpu_model
from resnet_bench.report.agreements import agreements_table
from resnet_bench.report.page import Page, Section
from resnet_bench.report.rows import Column, Row, Table

COLUMNS = (
    Column("variant", "variant"),
    Column("engine", "engine", detail=True),
    Column("precision", "precision", detail=True),
    Column("library", "library", fold=True),
    Column("processor", "processor", fold=True),
    Column("prepared", "prepared"),
    Column("same_top1", "same top 1"),
)


def engines_page(found: Sequence[Available], model: Model | None) -> Page:
    """``model`` is what is prepared of the weights that were asked about."""
    weights = "none prepared yet" if model is None else model.manifest.weights
    agreements = () if model is None else tuple(model.manifest.agreements.values())
    agreed = agreements_table([Reduced(one.subject, one) for one in agreements])
    tables = (_table(found), *([] if agreed is None else [agreed]))
    return Page(
        name="engines",
        headline=("resnet-bench engines", f"this machine: {cpu_model()}", f"weights: {weights}"),
        sections=(Section("Engines", tables),),
    )


def _table(found: Sequence[Available]) -> Table:
    return Table(
        name="engines",
        title="What can run the network here",
        columns=COLUMNS,
        rows=tuple(map(_row, found)),
        notes=(
            "variant: --engine, and after the hyphen --precision. Whatever measures prepares what it needs by itself.",
            "same top 1: as fp32, on images that nothing was calibrated on; known once it is prepared.",
        ),
    )


def _row(one: Available) -> Row:
    variant = one.variant
    package = variant.libraries[0].partition(".")[0]
    library = f"{package} {one.version}" if one.version is not None else _install(one, package)
    return Row(
        (
            variant.name,
            variant.engine,
            variant.precision,
            library,
            _processor(one),
            "yes" if one.prepared else "no",
            "exact" if variant.is_exact else _same_top1(one),
        )
    )


def _install(one: Available, package: str) -> str:
    return package if one.obstacle is None else one.obstacle.hint


def _processor(one: Available) -> str:
    if one.variant.cpu_flags:
        needed = f"needs {' or '.join(one.variant.cpu_flags)}"
        return f"has {', '.join(one.flags)}" if one.flags else needed
    if one.variant.precision in QUICKER:
        return f"any; quick with {', '.join(one.flags)}" if one.flags else "any; slower without VNNI"
    return "any"


def _same_top1(one: Available) -> str | None:
    if one.agreement is None:
        return None
    return f"{one.agreement.held_out.same_top1_count} of {one.agreement.held_out.images_count}"
