"""The worst that a request can be, through the real handler on the emulated Lambda: what it takes, and what it leaves.

    python benchmarks/hostile.py [--memory 1024] [--engine onnx] [--decode exact] [--pairs 40]

For each input its status, the billed seconds and the most memory that the environment has used by then; after each a
good call must get the same answer from the same environment, or the script fails. Then pairs of good calls, one after
another good one and one after a bad one, whose ratio should be 1.
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx

from resnet_bench import wire
from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.inference.model import prepare
from resnet_bench.results.records import Answer
from resnet_bench.sandbox.limits import choose
from resnet_bench.units import MIB

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from emulated import report_number
from handlers import FUNCTIONS, PHOTO, bomb, variables
from hostile_images import (
    ALL,
    ARITHMETIC,
    COLOURS,
    PNG_SIGNATURE,
    PROGRESSIVE,
    SEQUENTIAL,
    chunk,
    exif_bomb,
    header,
    jpeg,
    of_scans,
    png,
    scan,
    segment,
    with_segments,
)
from image_modes import rgb, saved

PATIENCE_S = 180.0
HUGE = (5460, 5460)  # 29.8 million pixels
FIRST, REFINED, ONE = scan(ALL, (0, 0)), scan(ALL, (0, 0), 0x10), scan((1,), (1, 63), 0x10)


def large_jpeg(mode: str, **options: object) -> bytes:
    return saved(rgb(683, 683).resize(HUGE).convert(mode), "JPEG", quality=20, **options)


def large_png(colour: int, *, interlaced: bool) -> bytes:
    row = HUGE[0] * COLOURS[colour][1] * 2 + 16
    pixels = zlib.compress(bytes(row * HUGE[1] + 1_000_000), 1)
    return PNG_SIGNATURE + header(*HUGE, 16, colour, interlaced=interlaced) + chunk(b"IDAT", pixels) + chunk(b"IEND")


def unpacked(name: bytes, count: int) -> bytes:
    body = zlib.compress(bytes(1_000_000))
    return png(before=[chunk(name, b"k%d\0\0" % number + body) for number in range(count)])


Make = Callable[[], bytes]
IMAGES: dict[str, Make] = {
    "progressive CMYK JPEG": lambda: large_jpeg("CMYK", progressive=True, subsampling=0),
    "baseline CMYK JPEG": lambda: large_jpeg("CMYK"),
    "progressive RGB JPEG, 4:4:4": lambda: large_jpeg("RGB", progressive=True, subsampling=0),
    "50 scans of all components": lambda: of_scans(PROGRESSIVE, HUGE, FIRST + REFINED * 49),
    "50 scans of one component": lambda: of_scans(PROGRESSIVE, HUGE, FIRST + ONE * 49),
    "4 arithmetic scans": lambda: of_scans(ARITHMETIC, HUGE, (scan((1, 2)) + bytes(64)) * 4),
    "22,000 scans of 65,536 pixels": lambda: of_scans(SEQUENTIAL, (256, 256), scan((1, 2)) * 22_000),
    "220,000 scans": lambda: of_scans(PROGRESSIVE, HUGE, FIRST * 220_000),
    "1,900 segments of EXIF": lambda: with_segments(
        jpeg(), segment(0xE1, b"Exif\0\0" + bytes(60_000)) * 40, segment(0xE1, b"Exif\0\0") * 1850
    ),
    "EXIF whose tags are the same bytes": exif_bomb,
    "65,500 x 458": lambda: saved(rgb(655, 458).resize((65_500, 458)), "JPEG", quality=30, progressive=True),
    "16-bit RGBA PNG, interlaced": lambda: large_png(6, interlaced=True),
    "16-bit grey PNG": lambda: large_png(0, interlaced=False),
    "PNG of 99,000 chunks": lambda: png(before=[chunk(b"prVt") * 99_000]),
    "PNG, its pixels by three bytes": lambda: png(size=(300, 300), split=3),
    "PNG with 60 MB of text": lambda: unpacked(b"zTXt", 60),
    "PNG with 98 profiles": lambda: unpacked(b"iCCP", 98),
    "PNG, 1 GB behind its pixels": lambda: (
        PNG_SIGNATURE + header(64, 64) + chunk(b"IDAT", zlib.compress(bytes(1_000_000_000), 1))
    ),
    "PNG of 60,000 x 60,000": bomb,
}
BODIES: dict[str, Make] = {
    "JSON, 2 million deep": lambda: b'{"image":' + b"[" * 2_000_000,
    "JSON with 1.9 million lists": lambda: b'{"x":[' + b"[]," * 1_900_000 + b'[]],"image":""}',
    "JSON with 400,000 keys": lambda: b"{" + b",".join(b'"k%d":1' % number for number in range(400_000)) + b"}",
    "5.9 MB of base64": lambda: b'{"image":"' + b"A" * 5_900_000 + b'"}',
    "base64 with spaces": lambda: b'{"image":"' + b"A " * 2_900_000 + b'"}',
}


class Side:
    """The emulated function, called through its gateway."""

    def __init__(self, emulated: EmulatedLambda) -> None:
        self.emulated = emulated
        self.calls = 0

    def post(self, body: bytes, content_type: str = "image/any") -> httpx.Response:
        self.calls += 1
        url = self.emulated.url + "/classify"
        return httpx.post(url, content=body, headers={"content-type": content_type}, timeout=PATIENCE_S)

    def good(self) -> Answer:
        response = self.post(PHOTO.read_bytes())
        if response.status_code != 200:
            raise SystemExit(f"a good call was answered {response.status_code}: {response.text}")
        return wire.decode_answer(response.content)

    def timed_s(self) -> float:
        began_s = time.perf_counter()
        self.good()
        return time.perf_counter() - began_s


def try_all(side: Side, first: Answer) -> None:
    cases = [(name, make, "image/any") for name, make in IMAGES.items()]
    cases += [(name, make, "application/json") for name, make in BODIES.items()]
    for name, make, content_type in cases:
        body = make()
        response = side.post(body, content_type)
        report = report_number(side.emulated, side.calls - 1)
        after = side.good()
        same = after.predictions == first.predictions
        if not same or after.identity.environment_id != first.identity.environment_id:
            raise SystemExit(f"after {name}, a good call met another environment or got another answer")
        code = response.json()["error"]["code"] if response.status_code != 200 else "classified"
        print(
            f"{name:36} {len(body):9,} B  {response.status_code} {code:18} {report.duration_s:6.2f} s"
            f"  {report.max_memory_used_bytes // MIB:4} MB"
        )


def compare(side: Side, pairs: int) -> None:
    bad = PHOTO.read_bytes()[:50_000]
    after_good, after_bad = [], []
    for number in range(2 * pairs):
        if number % 2:
            side.post(bad)
            after_bad.append(side.timed_s())
        else:
            side.good()
            after_good.append(side.timed_s())
    ratio = paired_ratio(after_bad, after_good)
    if ratio is None or ratio.interval is None:
        print("too few pairs")
        return
    interval = f"[{ratio.interval.low:.2f}, {ratio.interval.high:.2f}]"
    print(f"a good call after a bad one over one after a good one: {ratio.value:.2f} {interval}, {pairs} pairs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", type=int, default=1024, metavar="MB")
    parser.add_argument("--engine", default="onnx", choices=["onnx", "torch"])
    parser.add_argument("--decode", default="exact", choices=["exact", "fast"])
    parser.add_argument("--pairs", type=int, default=40)
    asked = parser.parse_args()
    function = Function(
        "resnet_bench.handler.handler",
        memory_mb=asked.memory,
        variables=variables(prepare("random", [asked.engine]), asked.engine, asked.decode),
        task_root=str(FUNCTIONS),
        timeout_s=PATIENCE_S,
        init_limit_s=60.0,
    )
    with EmulatedLambda(function, choose()[0], gateway_timeout_s=PATIENCE_S) as emulated:
        side = Side(emulated)
        first = side.good()
        print(f"{asked.engine}, {asked.memory} MB, {asked.decode}: {function.allowance.cpu.share:.2f} vCPU")
        try_all(side, first)
        compare(side, asked.pairs)


if __name__ == "__main__":
    main()
