"""Raw samples as CSV: one line a call, units in the names, empty where nothing was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from resnet_bench.benchmark.error_rates import parts_of
from resnet_bench.results.disk import explained, write_atomically
from resnet_bench.results.records import (
    FAST_DECODE,
    Answer,
    ClientTimes,
    ColdStages,
    Failed,
    Identity,
    MemoryUse,
    ReportLine,
    Sample,
    StageTimes,
    TraceTimes,
)
from resnet_bench.results.run import Run

_SAMPLE = ("side", "engine", "phase", "variant", "pair", "position", "image", "started_at")
_RESULT = "result"
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TOP = ("name", "wordnet_id", "probability")
_RUNTIME = ("precision", "decode", "threads_count", "vcpus_count", "weights", "weights_sha256", "trained")
_AGREED = ("images_count", "same_top1_count", "same_top5_count", "max_probability_difference")
# Prefixes of the columns, by the record that they come from.
_RECORDS: dict[str, type[msgspec.Struct]] = {
    "stage": StageTimes,
    "client": ClientTimes,
    "trace": TraceTimes,
    "report": ReportLine,
    "cold": ColdStages,
    "memory": MemoryUse,
    "identity": Identity,
    "failed": Failed,
}
COLUMNS = (
    *_SAMPLE,
    *(f"{prefix}_{field}" for prefix, record in _RECORDS.items() for field in record.__struct_fields__),
    "cgroup_peak_bytes",
    "attempts_count",
    # 1 until the run was interrupted for the first time and gone on with.
    "part",
    *(f"top1_{field}" for field in _TOP),
    *(f"runtime_{field}" for field in _RUNTIME),
    # With exact answers, on images that nothing was calibrated on.
    *(f"{what}_agreement_{field}" for what in ("precision", "decode") for field in _AGREED),
)


def write_csv(runs: Mapping[str, Run], path: Path) -> None:
    """Every sample in the order measured, warm-ups and failed calls too.

    Of several runs a first column, ``result``, holds the name by which each sample's run is given.

    Raises:
        ResultError: ``path`` cannot be written.
    """
    import pandas as pd

    columns = COLUMNS if len(runs) == 1 else (_RESULT, *COLUMNS)
    lines = [
        {column: _inert(value) for column, value in {_RESULT: name, **line(sample), "part": number}.items()}
        for name, run in runs.items()
        for number, part in enumerate(parts_of(run), start=1)
        for sample in part
    ]
    # Objects, so that a count beside empty cells stays "1" and does not become "1.0".
    frame = pd.DataFrame(lines, columns=list(columns), dtype=object)
    with explained(path, "the CSV file"):
        write_atomically(path, frame.to_csv(index=False).encode())


def _inert(value: object) -> object:
    """Text that a spreadsheet would run as a formula, so that it stays text there: a file's name, a server's words."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def line(sample: Sample) -> dict[str, Any]:
    """One call as flat values by column; what was not measured is left out."""
    found: dict[str, Any] = {name: getattr(sample, name) for name in _SAMPLE}
    found["attempts_count"] = len(sample.attempts)
    outcome = sample.outcome
    records: list[Any] = [outcome, sample.client, sample.trace, sample.report]
    if isinstance(outcome, Answer):
        records += [outcome.stages, outcome.memory, outcome.identity, outcome.cold]
        found |= {f"runtime_{name}": getattr(outcome.runtime, name) for name in _RUNTIME}
        for agreement in outcome.runtime.agreements:
            what = "decode" if agreement.subject == FAST_DECODE else "precision"
            found |= {f"{what}_agreement_{name}": getattr(agreement.held_out, name) for name in _AGREED}
        if outcome.predictions:
            found |= {f"top1_{name}": getattr(outcome.predictions[0], name) for name in _TOP}
    if isinstance(sample.cgroup_peak_bytes, int):
        found["cgroup_peak_bytes"] = sample.cgroup_peak_bytes
    for prefix, kind in _RECORDS.items():
        for record in records:
            if isinstance(record, kind):
                found |= {f"{prefix}_{name}": getattr(record, name) for name in record.__struct_fields__}
    return found
