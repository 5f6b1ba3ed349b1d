"""The model that a command needs, and what is to be known of it before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.benchmark.reduced import Reduced
from resnet_bench.cli.network import NetworkOptions
from resnet_bench.cli.photos import samples_for
from resnet_bench.cli.progress import Display
from resnet_bench.inference import cache, users
from resnet_bench.inference.model import Model, prepare
from resnet_bench.report.agreements import in_words


def prepared(weights: str, engines: Sequence[str], asked: NetworkOptions, shown: Display) -> Model:
    """As ``inference.model.prepare``, with notes on weights that are not those asked for and on inexact answers.

    Raises:
        ResnetBenchError: as there.
    """
    decode = asked.decode or "exact"
    model = prepare(weights, engines, shown, samples=samples_for(asked), decode=decode)
    with cache.writing(model.folder):
        users.hold(model.folder, shown)
    if model.notice is not None:
        shown.note(f"note: {model.notice}")
    found = dict.fromkeys(one for engine in engines for one in model.agreements(engine, decode))
    for one in found:
        shown.note(f"note: {''.join(in_words([Reduced(one.subject, one)]))}")
    return model
