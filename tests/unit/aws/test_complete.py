"""Late figures go to the samples that they belong to, and nothing else changes."""

import pytest
from msgspec.structs import replace

from factories import make_answer, make_failed, make_report, make_sample, make_trace
from resnet_bench.aws import complete as module
from resnet_bench.aws.complete import SAMPLED_OUT, complete
from resnet_bench.results.records import Skipped

PENDING = Skipped("not asked for yet", pending=True)
CLIENT = object()


def remote(number, **identity):
    """An answered remote sample whose trace and report are pending."""
    answer = make_answer(side="remote")
    ids = {"trace_id": f"trace-{number}", "request_id": f"request-{number}", **identity}
    answer = replace(answer, identity=replace(answer.identity, **ids))
    return make_sample("remote", pair=number, outcome=answer, trace=PENDING, report=PENDING)


@pytest.fixture
def service(monkeypatch):
    """Both services: every id has a figure of its own; what was asked for is kept."""
    asked = {}

    def traces(client, ids, waiting):
        asked["traces"] = list(ids)
        return {key: replace(make_trace(1.0), trace_id=key) for key in ids}

    def reports(client, log_group, ids, **window):
        asked.update(reports=list(ids), log_group=log_group, window=(window["start_ms"], window["end_ms"]))
        return {key: replace(make_report(1.0), request_id=key) for key in ids}

    monkeypatch.setattr(module, "await_traces", traces)
    monkeypatch.setattr(module, "await_reports", reports)
    return asked


def test_each_sample_gets_the_figures_of_its_own_ids_in_the_same_order(service):
    samples = [remote(2), make_sample("local"), remote(1)]
    done = complete(samples, CLIENT, CLIENT, "/aws/lambda/f")
    assert [getattr(sample.trace, "trace_id", None) for sample in done] == ["trace-2", None, "trace-1"]
    assert [getattr(sample.report, "request_id", None) for sample in done] == ["request-2", None, "request-1"]
    blank = [replace(sample, trace=PENDING, report=PENDING) for sample in done]
    assert blank == [replace(sample, trace=PENDING, report=PENDING) for sample in samples]
    assert done[1] == samples[1]


def test_what_is_known_or_final_is_neither_asked_for_nor_touched(service):
    known = make_sample("remote")
    final = replace(remote(1), trace=Skipped("rejected: no"), report=Skipped("never"))
    assert complete([known, final], CLIENT, CLIENT, "g") == [known, final]
    assert service == {}


def test_an_unsampled_call_is_not_asked_for(service):
    (done,) = complete([remote(1, sampled=False)], CLIENT, None, None)
    assert done.trace == SAMPLED_OUT
    assert service == {}


def test_a_call_whose_sampling_is_unknown_is_asked_for(service):
    complete([remote(1, sampled=None)], CLIENT, None, None)
    assert service["traces"] == ["trace-1"]


def test_a_call_without_ids_has_a_final_reason(service):
    (done,) = complete([remote(1, trace_id=None, request_id=None)], CLIENT, CLIENT, "g")
    assert isinstance(done.trace, Skipped)
    assert isinstance(done.report, Skipped)
    assert not done.trace.pending
    assert not done.report.pending


def test_a_failed_call_has_a_final_reason(service):
    (done,) = complete([replace(make_failed(), trace=PENDING, report=PENDING)], CLIENT, CLIENT, "g")
    assert done.trace == done.report == Skipped("the call failed and gave no id to ask with")


def test_without_clients_everything_stays_pending(service):
    samples = [remote(1)]
    assert complete(samples, None, None, None) == samples
    assert complete(samples, None, CLIENT, None) == samples


def test_the_log_window_covers_the_longest_invocation_after_the_last_call(service):
    samples = [
        replace(remote(1), started_at="2026-11-22T08:00:00.000+00:00"),
        replace(remote(2), started_at="2026-11-22T09:00:00.000+01:00"),
        replace(remote(3), started_at="2026-11-22T08:30:00Z"),
    ]
    complete(samples, None, CLIENT, "g")
    first_ms = 1_795_334_400_000
    assert service["window"] == (first_ms - 5 * 60_000, first_ms + (30 + 15 + 5) * 60_000)
    assert service["log_group"] == "g"
