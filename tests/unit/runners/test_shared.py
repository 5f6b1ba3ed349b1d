"""One endpoint for many clients: none of them waits for the others, or closes it for them."""

from __future__ import annotations

import pytest

from resnet_bench.errors import AwsError, HttpError
from resnet_bench.results.records import Skipped
from resnet_bench.runners.remote import RemoteRunner
from resnet_bench.runners.shared import SharedEndpoint
from servers import PHOTO, answering, reply, serving


def test_a_client_of_a_shared_endpoint_measures_and_asks_it_for_nothing_more() -> None:
    with serving(answering(reply())) as url:
        runners = [RemoteRunner(SharedEndpoint(url), "torch") for _ in range(2)]
        first = runners[0].classify(PHOTO)
        assert isinstance(first.cgroup_peak_bytes, Skipped)
        runners[0].close()
        assert runners[1].classify(PHOTO).answer == first.answer, "the other's end is not this one's"
        runners[1].close()


def test_a_failure_is_told_as_it_came() -> None:
    with serving(answering(reply(b'{"message": "Service Unavailable"}', 503))) as url:
        runner = RemoteRunner(SharedEndpoint(url), "torch")
        with pytest.raises(HttpError) as caught:
            runner.classify(PHOTO)
        runner.close()
    assert caught.value.status == 503
    assert caught.value.attempts == (), "under load nothing is asked again"


def test_a_client_cannot_force_a_cold_start_on_the_others() -> None:
    with pytest.raises(AwsError):
        SharedEndpoint("http://127.0.0.1:1").force_cold()
