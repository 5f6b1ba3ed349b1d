"""What each client sends, and by what it knows that an answer is its own."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from resnet_bench.results.records import Answer
from soaking.crowd import Wrong

_HEIGHT = 240
_LEAST_WIDTH = 230


@cache
def photo(number: int) -> bytes:
    """A PNG whose size and pixels are those of this client only: no other's answer fits it."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(number)
    small = random.integers(0, 256, (12, 12, 3), np.uint8)
    written = io.BytesIO()
    Image.fromarray(small).resize((_LEAST_WIDTH + number, _HEIGHT), Image.Resampling.BICUBIC).save(written, "PNG")
    return written.getvalue()


@dataclass
class Expected:
    """The predictions that each client's photograph got when it was asked for first; every later answer repeats them.

    Between machines they may differ by a rounding; here they are the same to the last bit.
    """

    _predictions: dict[tuple[int, str], Any] = field(default_factory=dict)

    def check(self, number: int, answer: Answer, side: str = "remote") -> None:
        """
        Raises:
            Wrong: it is another photograph's answer.
        """
        size = (_LEAST_WIDTH + number, _HEIGHT)
        if answer.original_size != size:
            raise Wrong(f"an answer on {answer.original_size} to a photograph of {size}")
        known = self._predictions.setdefault((number, side), answer.predictions)
        if known != answer.predictions:
            raise Wrong(f"other predictions on photograph {number} than before")


def as_answer(document: Any) -> Answer:
    """
    Raises:
        Wrong: a side that has not answered.
    """
    try:
        return msgspec.convert(document, Answer)
    except msgspec.ValidationError as error:
        raise Wrong(f"no answer: {error}: {str(document)[:200]}") from None
