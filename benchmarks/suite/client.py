"""What our remote client adds to the same request by bare httpx."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from resnet_bench.http_event import CLASSIFY_PATH
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import ClientTimes
from resnet_bench.runners.base import Photo
from resnet_bench.runners.remote import RemoteRunner
from resnet_bench.runners.request import read_body
from resnet_bench.runners.shared import SharedEndpoint
from suite.figures import Finding, Goal, Series, compared
from suite.null_server import null_server
from suite.photos import PNG
from suite.turns import Turns, timed

GOAL = Goal(1.05)
OURS, WHOLE, BARE = "our client", "our client, answer read", "bare httpx"
PHOTO = Photo(PNG.name, str(PNG))
WARMUP = 20


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    with null_server() as url, httpx.Client(trust_env=False) as client:
        runner = RemoteRunner(SharedEndpoint(url), "torch")
        whole: list[float] = []
        calls = {OURS: ours(runner, whole), BARE: timed(lambda: bare(client, url + CLASSIFY_PATH))}
        took = Turns("remote client", rounds, progress).take(calls, warmup=WARMUP)
        runner.close()
    below = Series(BARE, took[BARE])
    return [
        compared("client's total, to the whole answer in memory", Series(OURS, took[OURS]), below, GOAL),
        compared("the same until the answer is read and checked", Series(OURS, whole[WARMUP:]), below),
    ]


def bare(client: httpx.Client, url: str) -> bytes:
    """The same file read, the same body made and posted, and nothing else."""
    body = read_body(PHOTO, raw=False)
    return (
        client.post(url, content=body.content, headers={"content-type": body.content_type}).raise_for_status().content
    )


def ours(runner: RemoteRunner, whole: list[float]) -> Callable[[], float]:
    """The total that results are made of; ``whole`` gets the wall time of each call."""

    def call() -> float:
        began_s = time.perf_counter()
        client = runner.classify(PHOTO).client
        whole.append(time.perf_counter() - began_s)
        assert isinstance(client, ClientTimes)
        return client.total_s

    return call
