"""One call by three clocks: whose parts lie where, and what is left out where a clock saw nothing."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from factories import make_client, make_failed, make_run, make_sample, make_trace
from resnet_bench.analysis.clocks import REST, Lane, apart, lanes, middle_call
from resnet_bench.results.records import Skipped


def ends(lane: Lane) -> tuple[float, float]:
    return lane.parts[0].start_s, max(part.start_s + part.length_s for part in lane.parts)


def test_each_clock_lies_in_the_middle_of_what_is_around_it() -> None:
    client, platform, handler = lanes(make_sample("remote", total_s=0.2))
    wait = next(part for part in client.parts if part.name == "wait")
    invocation = next(part for part in platform.parts if part.name == "invocation")
    assert (client.observer, platform.observer, handler.observer) == ("client", "platform", "handler")
    # The trace's total, of which invocation and overhead are parts, is what the wait is around.
    total_s = 0.203
    assert platform.parts[0].start_s - wait.start_s == pytest.approx((wait.length_s - total_s) / 2)
    before_s = ends(handler)[0] - invocation.start_s
    assert before_s == pytest.approx((invocation.length_s - 0.2) / 2)


def test_a_start_lies_within_initialisation_and_the_stages_within_the_invocation() -> None:
    _, platform, handler = lanes(make_sample("remote", phase="cold"))
    found = {part.name: part for part in (*platform.parts, *handler.parts)}
    assert found["interpreter"].start_s == pytest.approx(found["initialization"].start_s)
    assert found["decode"].start_s > found["invocation"].start_s > found["engine"].start_s


def test_without_a_trace_the_handler_lies_within_the_clients_wait() -> None:
    client, handler = lanes(make_sample("remote", phase="cold", trace=Skipped("sampled out")))
    wait = next(part for part in client.parts if part.name == "wait")
    assert wait.start_s < ends(handler)[0] < ends(handler)[1] < wait.start_s + wait.length_s
    assert "imports" not in [part.name for part in handler.parts]


def test_a_call_by_invoke_has_one_span_for_all_that_the_aws_client_does() -> None:
    times = replace(make_client(0.21), send_s=None, wait_s=None, receive_s=None)
    client, *_ = lanes(make_sample("remote", total_s=0.2, client=times))
    assert [part.name for part in client.parts] == ["prepare", "call"]
    assert ends(client)[1] == pytest.approx(0.21)


def test_a_local_call_has_no_lanes() -> None:
    assert lanes(make_sample()) == ()


def test_the_call_shown_is_the_traced_one_nearest_to_the_median() -> None:
    untraced = Skipped("sampled out")
    samples = (
        make_sample("remote", total_s=0.1, pair=0),
        make_sample("remote", total_s=0.21, pair=1),
        make_sample("remote", total_s=0.2, pair=2, trace=untraced),
        make_sample("remote", total_s=0.4, pair=3),
    )
    found = middle_call(make_run(samples=samples), "torch", "warm")
    assert found is not None
    assert found.pair == 1
    assert middle_call(make_run(samples=samples), "torch", "cold") is None


def test_each_clock_by_itself_begins_at_0_and_its_parts_fill_its_whole() -> None:
    shown = apart(make_sample("remote", total_s=0.2, phase="cold"))
    assert [lane.observer for lane in shown] == ["client", "platform", "start", "handler"]
    assert [ends(lane) for lane in shown] == [
        (0.0, pytest.approx(length_s)) for length_s in (0.2 + 3.02 + 0.006, 0.203 + 3.02, 2.9, 0.2)
    ]
    *_, rest = shown[-1].parts
    assert (rest.name, rest.length_s) == (REST, pytest.approx(0.002))


def test_a_coarse_clock_whose_parts_are_longer_than_their_whole_has_no_rest() -> None:
    trace = replace(make_trace(0.2), total_s=0.199)
    _, platform, _ = apart(make_sample("remote", trace=trace))
    assert [part.name for part in platform.parts] == ["invocation", "overhead"]


def test_a_clock_that_saw_nothing_has_no_lane_of_its_own() -> None:
    none = Skipped("not kept")
    assert [lane.observer for lane in apart(make_sample("remote", trace=none))] == ["client", "handler"]
    assert [lane.observer for lane in apart(make_sample("remote", trace=none, client=none))] == ["handler"]
    assert apart(make_failed()) == ()
