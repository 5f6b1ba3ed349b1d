"""What was recognised, and whether both sides recognised the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resnet_bench.benchmark.agreement import Mismatch, difference, tolerance
from resnet_bench.benchmark.picks import engines
from resnet_bench.benchmark.reduced import reduced
from resnet_bench.benchmark.series import samples_of
from resnet_bench.report.agreements import agreement_caption
from resnet_bench.report.captions import captions
from resnet_bench.report.cells import sheet
from resnet_bench.report.names import PHASES
from resnet_bench.report.rows import Column, Row, Table
from resnet_bench.results.records import Answer, Prediction, Sample
from resnet_bench.results.run import Run

COLUMNS = (
    Column("image", "image", once=True, fold=True),
    Column("engines", "engine", once=True, fold=True),
    Column("rank", "rank", "count"),
    Column("name", "class", fold=True),
    Column("wordnet_id", "WordNet id"),
    Column("probability", "prob.", "percent"),
    Column("pairs_agreed", "pairs agreed", "count"),
)
_MAX_MISMATCHES = 20


def predictions(run: Run, top: int = 1) -> Table | None:
    """The ``top`` classes of each image; engines that say the same share a row. ``None`` without any answer."""
    rows = tuple(row for image in _images(run) for row in _rows(run, image, top))
    if not rows:
        return None
    compared = any(row.cells[-1] is not None for row in rows)
    kept = [index for index, column in enumerate(COLUMNS) if top > 1 or column.name != "rank"]
    within = tolerance(*(sample.outcome for sample in run.samples if isinstance(sample.outcome, Answer)))
    agreed = f"Both sides gave the same answer in every pair (probabilities within {within})."
    return Table(
        name="predictions",
        title="Predictions",
        columns=tuple(COLUMNS[index] for index in kept),
        rows=tuple(Row(tuple(row.cells[index] for index in kept)) for row in rows),
        captions=captions(run),
        notes=(agreed,) if compared else (),
    )


def mismatches(run: Run, found: tuple[Mismatch, ...]) -> Table:
    """Shown instead of every other table: figures of two programs that answer differently compare nothing."""
    columns = (
        Column("image", "image", fold=True),
        Column("engine", "engine"),
        Column("phase", "phase"),
        Column("pair", "pair", "count"),
        Column("reason", "what differs", fold=True),
    )
    left_out = len(found) - _MAX_MISMATCHES
    return Table(
        name="mismatches",
        title="The two sides classify differently: no figures are compared",
        columns=columns,
        rows=tuple(
            Row((one.image, one.engine, PHASES[one.phase], one.pair + 1, one.reason)) for one in found[:_MAX_MISMATCHES]
        ),
        captions=captions(run),
        notes=(f"{left_out} more",) if left_out > 0 else (),
    )


def _images(run: Run) -> tuple[str, ...]:
    """In the order in which they were given; an image that no sample names has no row."""
    used = {sample.image for sample in run.samples}
    return tuple(dict.fromkeys(name for name in (*(ref.name for ref in run.images), *sorted(used)) if name in used))


def _rows(run: Run, image: str, top: int) -> Iterator[Row]:
    agreed = _pairs(run, image)
    shared: list[tuple[list[str], tuple[Prediction, ...]]] = []
    for engine in engines(run):
        answer = _first_answer(run, engine, image)
        if answer is None:
            continue
        said = answer.predictions[:top]
        same = next((names for names, other in shared if not difference(said, other)), None)
        if same is None:
            shared.append(([engine], said))
        else:
            same.append(engine)
    for names, said in shared:
        together = sum(agreed[name] for name in names) or None
        for rank, one in enumerate(said, 1):
            cells = (image, ", ".join(names), rank, one.name, one.wordnet_id, one.probability, together)
            yield Row(cells)


def _first_answer(run: Run, engine: str, image: str) -> Answer | None:
    outcomes = (sample.outcome for sample in samples_of(run, engine=engine) if sample.image == image)
    return next((outcome for outcome in outcomes if isinstance(outcome, Answer)), None)


def _pairs(run: Run, image: str) -> Counter[str]:
    """Pairs of an engine in which both sides answered for this image."""

    def answered(side: str) -> set[tuple[str, str, int]]:
        return {_key(s) for s in run.samples if s.side == side and s.image == image and isinstance(s.outcome, Answer)}

    return Counter(engine for engine, _, _ in answered("local") & answered("remote"))


def _key(sample: Sample) -> tuple[str, str, int]:
    return sample.engine, sample.phase, sample.pair


def in_a_line(run: Run) -> tuple[str, ...]:
    """Each image's first class, for a terminal that wants nothing else; and what of that is not exact."""
    found = predictions(run)
    if found is None:
        return ()
    text = sheet(found)
    names = [column.name for column in found.columns]
    lines = (dict(zip(names, line, strict=True)) for line in text.lines)
    beside = (caption.text for caption in agreement_caption(reduced(run.samples)))
    return (*("{image}: {name} ({wordnet_id}), {probability}, {engines}".format(**line) for line in lines), *beside)
