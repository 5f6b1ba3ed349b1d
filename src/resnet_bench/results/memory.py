"""What one process's memory grew by, step by step, until its first image was classified."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from resnet_bench.results.bounds import AtLeastOne, Bytes, Count
from resnet_bench.results.records import Skipped

# How the image comes: in an HTTP API's event, as JSON or raw (base64 both), or as a file's bytes, without either.
Body = Literal["json", "raw", "file"]


class MemoryStep(Struct, frozen=True, kw_only=True):
    """One step of one fresh process, by the kernel's account of it.

    Processes of the same ``engine`` and ``number`` ran one after the other and differ in ``body`` alone. ``rss_bytes``
    was resident when the step was done; ``peak_rss_bytes`` is the high-water mark (VmHWM) since the step before.
    """

    engine: str
    image: str
    body: Body
    number: Count
    name: str
    rss_bytes: AtLeastOne
    peak_rss_bytes: Bytes | Skipped
