"""The record of a whole run: what was asked for, on which machine, against which deployment, with all its samples.

Apart from ``records``, which Lambda imports: none of this concerns a function.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Literal

from msgspec import Struct

from resnet_bench.results.bounds import Bytes, Count, Share
from resnet_bench.results.levels import LoadLevel
from resnet_bench.results.memory import MemoryStep
from resnet_bench.results.records import Decode, Sample

# How the function is called: through its HTTP API, or by Lambda's own Invoke, which leaves the gateway out.
Via = Literal["http", "invoke"]
# ``serve`` is a session of the page: few calls, each chosen by hand.
Command = Literal["local", "remote", "compare", "explain", "tune", "load", "serve"]
# Whose results hold calls of both sides under the same conditions, and are told side by side.
COMPARISONS: frozenset[Command] = frozenset({"compare", "serve"})


class ImageRef(Struct, frozen=True, kw_only=True):
    """An input image: its file name (no folder), content hash and size."""

    name: str
    sha256: str
    size_bytes: Bytes
    width: Count
    height: Count
    format: str


class Caveat(Struct, frozen=True, kw_only=True):
    """A doubt about the figures, and what would remove it. ``code`` is stable; texts are for people."""

    code: str
    message: str
    next_step: str


class Enforcement(Struct, frozen=True, kw_only=True):
    """How a sandbox's limits were enforced, by name and in words; printed in every caption.

    ``mechanism`` is ``cgroup-v2``, ``cgroup-v1``, ``systemd``, ``throttle``, ``container``, ``lambda`` (the real one),
    ``unknown`` (a URL) or ``none``.
    """

    mechanism: str
    cpu_limited: bool
    memory_limited: bool
    description: str


class Deployment(Struct, frozen=True, kw_only=True):
    """The remote side. ``cpu_share`` is in vCPUs; all are ``None`` where a real endpoint does not tell.

    ``region``, ``stack``, ``function`` and ``log_group`` are names by which a deployment on AWS is found again (to
    collect what arrived late); none of them tells whose account it is.
    """

    kind: Literal["emulated", "aws", "url"]
    memory_bytes: Bytes | None
    cpu_share: Share | None
    vcpus_count: Count | None
    enforcement: Enforcement
    architecture: str | None = None
    region: str | None = None
    stack: str | None = None
    function: str | None = None
    log_group: str | None = None


class Environment(Struct, frozen=True, kw_only=True):
    """The machine that ran the client and the local side."""

    os: str
    cpu_model: str
    cpus_count: Count
    memory_bytes: Bytes
    python: str
    versions: dict[str, str]
    load_1m: Share | None


class Settings(Struct, frozen=True, kw_only=True):
    """What was asked for: with these and the images, the run's schedule can be made again."""

    command: Command
    engines: tuple[str, ...]
    runs: int
    warmup: int
    cold: int
    interval_s: float
    seed: int
    memory_bytes: Bytes | None
    threads: int | None
    weights: str
    raw_body: bool
    via: Via = "http"
    decode: Decode = "exact"
    limiter: str = "auto"


class Seam(Struct, frozen=True, kw_only=True):
    """Where an interrupted run was taken up again, by new processes on either side.

    ``resumed_at`` is by the wall clock; ``after_count`` of the run's samples were measured before; ``load_1m`` is the
    machine's load then. ``aside`` are samples of a block that the interruption tore, and which was then measured again
    as a whole: they count in no figure. ``reason`` says why they were set aside.
    """

    resumed_at: str
    after_count: Count
    load_1m: Share | None
    aside: tuple[Sample, ...] = ()
    reason: str = ""


class Run(Struct, frozen=True, kw_only=True, dict=True):
    """Everything about one run. ``levels`` are a load test's; ``finished`` is False if it was interrupted.

    ``seams`` are where it was taken up again, in that order.
    """

    version: int
    created_at: str
    settings: Settings
    environment: Environment
    deployment: Deployment | None
    local_enforcement: Enforcement | None
    images: tuple[ImageRef, ...]
    samples: tuple[Sample, ...]
    caveats: tuple[Caveat, ...]
    finished: bool
    levels: tuple[LoadLevel, ...] = ()
    memory_steps: tuple[MemoryStep, ...] = ()
    seams: tuple[Seam, ...] = ()

    @cached_property
    def found(self) -> dict[Hashable, object]:
        """What ``once`` keeps: no field, and so no part of the record."""
        return {}
