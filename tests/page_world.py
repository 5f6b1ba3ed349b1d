"""The page's server with sides that answer as a test says, inside this process: real sockets, no engine, no waiting."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from msgspec.structs import replace

from factories import make_answer, make_client, make_report, make_run, make_settings, make_trace
from resnet_bench import wire
from resnet_bench.results.records import Answer, Sample, Side, Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.web.access import Access
from resnet_bench.web.bench import Bench
from resnet_bench.web.classification import Classification, Facts
from resnet_bench.web.gallery import Gallery
from resnet_bench.web.saved import SavedResults
from resnet_bench.web.server import PageServer
from resnet_bench.web.sides import Sides
from resnet_bench.web.turns import Turns

IMAGES = Path(__file__).parents[1] / "images"
CAT, ROCKET = IMAGES / "chelsea.png", IMAGES / "rocket.jpg"
ENGINE = "onnx"
LATE = Skipped("not complete yet: X-Ray knows no such trace", pending=True)
PNG = {"content-type": "image/png"}
ASYNC = {"prefer": "respond-async"}
_PATIENCE_S = 30.0


@dataclass
class StagedSide:
    """A runner. ``fails`` is raised instead of an answer; ``gate`` holds every call until it is set.

    It knows whether it is warm: the first call, and each after ``force_cold``, is a cold start.
    """

    side: Side
    total_s: float
    engine: str = ENGINE
    fails: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    calls: list[str] = field(default_factory=list)
    read: list[bytes] = field(default_factory=list)
    during: Callable[[], None] = lambda: None
    closed: bool = False
    _count: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    def classify(self, photo: Photo) -> Measurement:
        self.calls.append(photo.name)
        self.read.append(Path(photo.path).read_bytes())
        assert self.gate.wait(_PATIENCE_S)
        self.during()
        if self.fails is not None:
            raise self.fails
        self._count += 1
        remote = self.side == "remote"
        client = make_client(self.total_s) if remote else Skipped("a local call has no client")
        return Measurement(self._answer(), client, 300_000_000)

    def _answer(self) -> Answer:
        answer = make_answer(self.total_s * 0.9, engine=self.engine, side=self.side)
        identity = replace(answer.identity, cold_start=self._count == 1, invocation_count=self._count)
        return replace(answer, identity=identity)

    def force_cold(self) -> None:
        self.calls.append("cold")
        self._count = 0

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        self.closed = True


@dataclass
class XRay:
    """Answers at the ``ready``-th time that it is asked about a call; every ask is counted."""

    ready: int = 1
    asked: int = 0

    def refresh(self, samples: list[Sample]) -> list[Sample]:
        self.asked += 1
        if self.asked < self.ready:
            return [replace(sample, trace=LATE, report=LATE) for sample in samples]
        self.asked = 0
        return [
            replace(sample, trace=make_trace(0.18, cold_start=cold), report=make_report(0.18, cold_start=cold))
            for sample in samples
            for cold in [isinstance(sample.outcome, Answer) and sample.outcome.identity.cold_start]
        ]


@dataclass
class World:
    """What a test can turn, and the server that shows it."""

    local: StagedSide
    remote: StagedSide
    xray: XRay
    folder: Path
    server: PageServer
    done: list[Classification]

    @property
    def url(self) -> str:
        return self.server.url.rstrip("/")

    @property
    def turns(self) -> Turns:
        assert self.server._bench is not None
        return self.server._bench.turns

    def client(self, **options: object) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=_PATIENCE_S, trust_env=False, **options)

    def classify(self, photo: Path = CAT, **query: str) -> httpx.Response:
        """Wait for both sides."""
        kind = "image/png" if photo.suffix == ".png" else "image/jpeg"
        with self.client() as client:
            return client.post(
                "/classify",
                params={"name": photo.name, **query},
                content=photo.read_bytes(),
                headers={"content-type": kind},
            )


@contextmanager
def page_world(
    folder: Path,
    *,
    ask_every_s: float = 0.01,
    forces_cold: bool = True,
    access: Access | None = None,
    samples: tuple[Path, ...] = (CAT, ROCKET),
    warning: str = "",
) -> Iterator[World]:
    """``folder`` stands for results/."""
    local, remote, xray = StagedSide("local", 0.075), StagedSide("remote", 0.21), XRay()
    begun = make_run(
        samples=(),
        images=(),
        settings=make_settings(command="serve", engines=(ENGINE,), runs=0, warmup=0, cold=0),
    )
    gallery = Gallery.of(samples)
    facts = Facts(
        headline=("this machine: a test", "Lambda: emulated, 1024 MB, 0.58 vCPU"),
        warning=warning,
        samples=gallery.names,
        forces_cold=forces_cold,
        limit_bytes=wire.IMAGE_LIMIT_BYTES,
    )
    sides = Sides(
        ENGINE,
        {"local": local, "remote": remote},
        refresh=xray.refresh,
        forces_cold=forces_cold,
        kept=lambda sample: sample,
    )
    done: list[Classification] = []

    def bench() -> Bench:
        return Bench(sides, begun, ask_every_s=ask_every_s, paint_s=0.0, on_done=done.append)

    server = PageServer(bench, gallery, SavedResults(folder), facts, access or Access("127.0.0.1", None))
    with server.start() as running:
        try:
            yield World(local, remote, xray, folder, running, done)
        finally:
            for side in (local, remote):
                side.gate.set()


def submit(world: World, photo: Path = CAT, **query: str) -> int:
    """Queued, and not waited for; its number."""
    with world.client() as client:
        answer = client.post("/classify", params=query, content=photo.read_bytes(), headers={**PNG, **ASYNC})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/classifications/{answer.json()['id']}"
    return int(answer.json()["id"])


def views(world: World, number: int) -> list[dict[str, Any]]:
    """All that the stream of events says, until the server ends it."""
    with world.client() as client:
        text = client.get(f"/classifications/{number}/events").text
    assert text.endswith("\n\n")
    return [json.loads(event.removeprefix("event: view\ndata: ")) for event in text.split("\n\n") if event]


def fault(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which has words."""
    error = answer.json()["error"]
    assert error["message"]
    return answer.status_code, error["code"]
