"""A long run holds no more than a short one: what a call was made of goes with it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from resnet_bench.aws.access.account import Account
from resnet_bench.cli.progress import display
from resnet_bench.cli.targets.url import UrlEndpoint
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


def test_asking_again_and_again_for_a_trace_makes_no_more_clients_of_aws() -> None:
    """The page asks every five seconds; a client is half a megabyte whose parts hold each other."""
    nowhere = "http://127.0.0.1:9"
    endpoint = UrlEndpoint(nowhere, Account(), aws_url=nowhere, display=display(quiet=True))
    assert endpoint._client("xray") is endpoint._client("xray")
    assert endpoint._client("xray") is not endpoint._client("logs")
