"""Equal parts of many samples, kept once: a run of ten thousand would otherwise hold as many copies of what ran."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from resnet_bench.results.records import Answer, Sample

# What of an answer is the same in most calls of a run.
_OFTEN_EQUAL = ("runtime", "predictions", "original_size", "processed_size")


class Sharing:
    """Remembers what was seen in samples before. For one run, and one thread at a time."""

    def __init__(self) -> None:
        # By their JSON: facts hold a dictionary, which has no hash.
        self._seen: dict[bytes, Any] = {}

    def shared(self, sample: Sample) -> Sample:
        """An equal sample, whose parts are those of an earlier one where they are equal."""
        answer = sample.outcome
        if not isinstance(answer, Answer):
            return sample
        identity = replace(answer.identity, environment_id=self._first(answer.identity.environment_id))
        parts = {name: self._first(getattr(answer, name)) for name in _OFTEN_EQUAL}
        return replace(sample, outcome=replace(answer, identity=identity, **parts))

    def _first(self, part: Any) -> Any:
        return self._seen.setdefault(msgspec.json.encode(part), part)
