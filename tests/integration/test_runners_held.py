"""A long run holds no more than a short one: what a call was made of goes with it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from servers import PHOTO, answering, calling, reply, serving


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.usefixtures("no_garbage_collection")
def test_a_call_leaves_no_image_to_the_garbage_collector() -> None:
    """It looks at what is old once in hundreds of calls, each of which may be of megabytes."""
    with serving(answering(*[reply()] * 3)) as url, calling(url) as runner:
        runner.classify(PHOTO)  # what is made once
        gc.collect()
        runner.classify(PHOTO)
        runner.classify(PHOTO)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
    held = [each for item in gc.garbage for each in gc.get_referents(item)]
    assert not [len(each) for each in held if isinstance(each, bytes | bytearray) and len(each) > 10_000]
