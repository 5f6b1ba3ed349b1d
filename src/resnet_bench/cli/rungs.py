"""The rungs of ``explain``: a runner for each condition between this machine as it is and Lambda as it is called."""

from __future__ import annotations

from typing import NamedTuple

from resnet_bench.analysis.ladder import ENCODED, SHARE, THREADS
from resnet_bench.benchmark.schedule import Place
from resnet_bench.cli.session import Session
from resnet_bench.cli.targets.base import Target
from resnet_bench.cli.targets.emulated import HANDLER, handler_variables
from resnet_bench.errors import ForeignAnswer
from resnet_bench.results.records import Answer
from resnet_bench.runners.base import Photo, Runner
from resnet_bench.runners.handler_process import HandlerRunner
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.units import MIB


class Given(NamedTuple):
    """What Lambda gives its function."""

    memory_mb: int
    threads: int


def add_rungs(session: Session, target: Target, engine: str, photo: Photo) -> Given:
    """Both sides of ``engine`` and all that lies between them, under the conditions that a first call tells of.

    Raises:
        ResnetBenchError: a side cannot be had, or that call failed.
    """
    session.add_local(engine)
    endpoint = session.add_remote(target, engine)
    session.display.step(f"asking Lambda what it gives {engine}")
    given = _given(session.runners[Place(engine, "remote")].classify(photo).answer)
    means, allowance = session.means, Allowance(given.memory_mb)
    variables = handler_variables(session.model, engine, str(given.threads), session.decode)
    near: dict[str, Runner] = {
        THREADS: session.local_runner(engine, given.threads),
        SHARE: session.local_runner(engine, given.threads, allowance),
        ENCODED: HandlerRunner(engine, HANDLER, variables, means.limiter, allowance, raw=session.sides.remote.raw),
    }
    for name, runner in near.items():
        session.add(Place(engine, "local", name), runner)
    for name, between in target.between(endpoint, engine, means).items():
        session.add(Place(engine, "remote", name), between)
    session.local_enforcement = means.limiter.enforcement
    return given


def _given(answer: object) -> Given:
    """
    Raises:
        ForeignAnswer: it does not tell.
    """
    if not isinstance(answer, Answer) or answer.memory.limit_bytes is None:
        raise ForeignAnswer("the function does not tell how much memory it has", "deploy this version of the handler")
    return Given(answer.memory.limit_bytes // MIB, answer.runtime.threads_count)
