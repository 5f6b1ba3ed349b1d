"""How answers in a lower precision, or of images decoded the fast way, agree with exact ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from resnet_bench.benchmark.reduced import Reduced
from resnet_bench.report.rows import Caption, Column, Row, Table
from resnet_bench.results.records import FAST_DECODE, Compared
from resnet_bench.units import number

LITTLE = "with untrained weights this means little"
_NOT_KNOWN = "how its answers agree with exact ones is not known"

COLUMNS = (
    Column("subject", "what", once=True),
    Column("images", "images"),
    Column("images_count", "number", "count"),
    Column("same_top1_count", "same top 1", "count"),
    Column("same_top5_count", "same top 5", "count"),
    Column("max_probability_difference", "largest difference", "percent"),
)


def agreements_table(found: Sequence[Reduced]) -> Table | None:
    """``None`` where everything is exact, or nothing is known."""
    rows = tuple(row for one in found for row in _rows(one))
    if not rows:
        return None
    return Table(
        name="agreements",
        title="Agreement with fp32 and exact decoding",
        columns=COLUMNS,
        rows=rows,
        captions=(Caption(f"measured when the model was prepared{_of_untrained(found)}", "when it was prepared"),),
        notes=(
            "same top 1, same top 5: images on which both find the same classes, the five in any order.",
            "largest difference: between two probabilities of one class, in percentage points.",
        ),
    )


def agreement_caption(found: Sequence[Reduced]) -> Iterator[Caption]:
    """One for every table, so that no figure passes for one of exact answers; none where all are exact."""
    if found:
        known = [one.agreement.held_out for one in found if one.agreement is not None]
        alike = ", ".join(
            f"{one.subject} {'?' if one.agreement is None else _top1(one.agreement.held_out)}" for one in found
        )
        short = f"not exact; same top 1 as exact: {alike}" if known else f"not exact: {alike}"
        yield Caption("; ".join(in_words(found)), f"{short}{_of_untrained(found)}")


def in_words(found: Iterable[Reduced]) -> tuple[str, ...]:
    """A clause each; the last says where untrained weights make it mean little."""
    found = tuple(found)
    clauses = [_clause(one) for one in found]
    return (*clauses[:-1], *(f"{last}{_of_untrained(found)}" for last in clauses[-1:]))


def _clause(one: Reduced) -> str:
    if one.agreement is None:
        return f"{one.subject}: {_NOT_KNOWN}"
    if one.subject == FAST_DECODE:
        return f"{FAST_DECODE}, not bit for bit: {_figures(one.agreement.held_out, 'sample')}"
    calibration = one.agreement.calibration
    kind = "sample" if calibration is None else "held-out"
    clause = f"{one.subject} against fp32: {_figures(one.agreement.held_out, kind)}"
    if calibration is None:
        return clause
    others = f"{calibration.same_top1_count}, {calibration.same_top5_count}, {_points(calibration)} points"
    return f"{clause} (of the {calibration.images_count} calibrated on: {others})"


def _figures(one: Compared, kind: str) -> str:
    return (
        f"same top 1 on {_top1(one)} {kind} images, same top 5 on {one.same_top5_count}, "
        f"probabilities at most {_points(one)} points apart"
    )


def _top1(one: Compared) -> str:
    return f"{one.same_top1_count} of {one.images_count}"


def _points(one: Compared) -> str:
    return number(100 * one.max_probability_difference)


def _of_untrained(found: Iterable[Reduced]) -> str:
    trained = [one.agreement.trained for one in found if one.agreement is not None]
    return "" if all(trained) else f"; {LITTLE}"


def _rows(one: Reduced) -> Iterator[Row]:
    if one.agreement is None:
        return
    calibration, held_out = one.agreement.calibration, one.agreement.held_out
    if calibration is not None:
        yield _row(one.subject, "calibration", calibration)
    yield _row(one.subject, "samples" if calibration is None else "held out", held_out)


def _row(subject: str, images: str, one: Compared) -> Row:
    counts = one.images_count, one.same_top1_count, one.same_top5_count
    return Row((subject, images, *counts, one.max_probability_difference))
