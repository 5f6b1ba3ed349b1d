"""Prices that were kept: they are used, or passed over with a word; and whatever they are, a verdict stands on them."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import msgspec

from factories import make_run, make_samples
from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from resnet_bench import report
from resnet_bench.prices.kept import keep, known
from resnet_bench.prices.table import Prices, packaged
from resnet_bench.report.costed import usual_cost

_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-prices-"))
_RUN = make_run(samples=make_samples(runs=4, cold=1, warmup=0, engines=("onnx",)))


def target(data: bytes) -> None:
    (_FOLDER / "prices-eu-west-1.json").write_bytes(data)
    for region in ("eu-west-1", None):
        prices = known(region, _FOLDER)
        assert isinstance(prices, Prices)
        assert prices.notice.isprintable(), prices.notice
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            json.loads(report.page_document(report.page_of(_RUN, prices=prices)))
            usual_cost(_RUN, prices)
    keep(prices, _FOLDER)
    assert known(prices.region, _FOLDER).of == prices.of


def seeds() -> Iterator[bytes]:
    yield msgspec.json.encode(packaged("eu-west-1"))
    yield b'{"region": "eu-west-1", "of": {}, "instances": {}, "free_tier": {"requests": "1e6", "gb_s": "4e5"}}'


WORDS = ("usd", "unit", "source", "NaN", "sNaN", "Infinity", "1e999999", "1e-999999", "-1", "0", "1e30", "us-east-1")
TARGET = Target(target, seeds, document_mutator(*WORDS), longest=16_000, cpu_s=3.0)
