"""The suite of made images, and requests of every bad kind, through the real handler in one environment of 1024 MB."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator

import httpx
import pytest

from emulated import PATIENCE_S, limiter
from handlers import FUNCTIONS, PHOTO, bomb, variables
from hostile_images import (
    ALL,
    COLOURS,
    PNG_SIGNATURE,
    PROGRESSIVE,
    ancillary,
    animated,
    chunk,
    exif,
    exif_bomb,
    header,
    jpeg,
    of_scans,
    png,
    profile,
    scan,
    segment,
    with_segments,
)
from image_modes import MAKERS
from reference_images import reference, tensor
from resnet_bench import wire
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.inference import labels
from resnet_bench.inference.engines import load
from resnet_bench.inference.model import Model
from resnet_bench.inference.ranking import rank
from resnet_bench.results.records import Answer
from resnet_bench.units import MIB

GOOD = PHOTO.read_bytes()
SUITE = {
    **{name: make(67, 43) for name, make in MAKERS.items()},
    **{f"png-{COLOURS[kind][0]}-{bits}": png(kind, bits) for kind in COLOURS for bits in COLOURS[kind][2]},
    **{f"png-{COLOURS[kind][0]}-interlaced": png(kind, 8, interlaced=True) for kind in COLOURS},
    **{f"orientation-{number}": jpeg(exif=exif(number)) for number in range(1, 9)},
    "ancillary": png(before=[*ancillary().values()][:-3]),
    "animated-apart": animated(default_is_a_frame=False),
    "profile": jpeg("CMYK", icc_profile=profile()),
    "trailing": jpeg() + b"text" * 9999,
    "exif-bomb": exif_bomb(),
}
HUGE = (5460, 5460)
BAD = {
    "cut": GOOD[: len(GOOD) // 2],
    "checksum": GOOD[:20] + b"\xff" + GOOD[21:],
    "no image": b"hello",
    "nothing": b"\xff\xd8\xff",
    "pixels": bomb(),
    "scans": of_scans(PROGRESSIVE, HUGE, scan(ALL, (0, 0)) * 10_000),
    "segments": with_segments(jpeg(), segment(0xFE) * 100_000),
    "chunks": png(before=[chunk(b"prVt") * 150_000]),
    "texts": png(before=[chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(9_000_000)))]),
    "pixels that are not there": PNG_SIGNATURE + header(5000, 5000) + chunk(b"IDAT", zlib.compress(b"")),
}


@pytest.fixture(scope="module")
def deployed(model: Model) -> Iterator[EmulatedLambda]:
    made = Function(
        "resnet_bench.handler.handler", variables=variables(model, "onnx"), task_root=str(FUNCTIONS), init_limit_s=60.0
    )
    with EmulatedLambda(made, limiter(), gateway_timeout_s=PATIENCE_S) as emulated:
        yield emulated


def post(emulated: EmulatedLambda, body: bytes) -> httpx.Response:
    headers = {"content-type": "image/any"}
    return httpx.post(emulated.url + "/classify", content=body, headers=headers, timeout=PATIENCE_S)


def classify(emulated: EmulatedLambda, body: bytes) -> Answer:
    response = post(emulated, body)
    assert response.status_code == 200, response.text
    return wire.decode_answer(response.content)


def test_every_image_of_the_suite_is_classified_as_the_reference_is(deployed: EmulatedLambda, model: Model) -> None:
    engine, names = load("onnx", model, 1), labels.load()
    for name, data in SUITE.items():
        wanted = reference(data)
        assert wanted is not None, name
        expected = rank(engine.run(tensor(wanted))[0], names, 5)
        assert classify(deployed, data).predictions == expected, name


def test_after_bad_requests_of_every_kind_a_good_one_gets_the_same_answer_from_the_same_environment(
    deployed: EmulatedLambda,
) -> None:
    before = classify(deployed, GOOD)
    for name, data in BAD.items():
        response = post(deployed, data)
        assert response.status_code in {400, 413}, (name, response.text)
        assert response.json()["error"]["message"].isprintable()
        after = classify(deployed, GOOD)
        assert after.predictions == before.predictions, name
        assert after.identity.environment_id == before.identity.environment_id, name


def test_five_hundred_bad_requests_leave_no_memory_behind(deployed: EmulatedLambda) -> None:
    long = {"chunks", "texts", "segments", "pixels that are not there"}
    cheap = [data for name, data in BAD.items() if name not in long]

    def bad(count: int) -> int:
        for data in itertools.islice(itertools.cycle(cheap), count):
            assert post(deployed, data).status_code in {400, 413}
        return classify(deployed, GOOD).memory.rss_bytes

    settled = bad(50)
    assert bad(500) - settled < 16 * MIB  # what Pillow keeps of its largest image, once, may still come


def test_the_worst_image_that_is_let_through_fits_and_leaves_the_environment_alone(deployed: EmulatedLambda) -> None:
    """12 bytes a pixel, which is the most that any image takes."""
    before = classify(deployed, GOOD)
    worst = of_scans(PROGRESSIVE, HUGE, scan(ALL, (0, 0)), scan((1,), (1, 63)))
    first, second = (classify(deployed, worst) for _ in range(2))
    assert first.predictions == second.predictions
    assert second.memory.peak_rss_bytes < 700 * MIB
    assert classify(deployed, GOOD).identity.environment_id == before.identity.environment_id


def test_in_a_smaller_function_it_is_refused_before_it_is_decoded(model: Model) -> None:
    made = Function(
        "resnet_bench.handler.handler",
        memory_mb=384,
        variables=variables(model, "onnx"),
        task_root=str(FUNCTIONS),
        init_limit_s=60.0,
    )
    with EmulatedLambda(made, limiter(), gateway_timeout_s=PATIENCE_S) as emulated:
        before = classify(emulated, GOOD)
        refused = post(emulated, of_scans(PROGRESSIVE, HUGE, scan(ALL, (0, 0))))
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_many_pixels")
        assert "give the function more memory" in refused.json()["error"]["hint"]
        assert classify(emulated, GOOD).identity.environment_id == before.identity.environment_id
