"""One call taken apart, as ``local`` and ``remote`` show it; and where every table says it is from."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from factories import (
    MIB,
    make_answer,
    make_attempt,
    make_client,
    make_deployment,
    make_enforcement,
    make_facts,
    make_run,
    make_sample,
    make_samples,
    make_settings,
)
from reports import one_side, rows
from resnet_bench.report.captions import UNTRAINED
from resnet_bench.report.tables import tables_for
from resnet_bench.results.records import Skipped


@pytest.mark.parametrize(("command", "side"), [("local", "local"), ("remote", "remote")])
def test_a_single_call_shows_five_classes_and_is_taken_apart(command: str, side: Any) -> None:
    made = tables_for(one_side(command, (make_sample(side),)))
    assert [one.name for one in made] == ["predictions", "call.torch.warm.cat.jpg"]
    assert len(made[0].rows) == 5


def test_several_runs_of_one_side_show_how_they_scatter() -> None:
    samples = make_samples(runs=6, cold=0, warmup=0, engines=("torch",))
    run = one_side("local", tuple(one for one in samples if one.side == "local"), runs=6)
    assert [one.name for one in tables_for(run)] == ["predictions", "call.torch.warm.cat.jpg", "distribution"]


def test_a_remote_call_shows_every_clock_its_ids_and_its_memory() -> None:
    found = tables_for(one_side("remote", (make_sample("remote", total_s=0.2),)))[1]
    shown = {(one["group"], one["what"]): one["value"] for one in rows(found)}
    assert shown["client", "total"] == pytest.approx(0.206)
    assert shown["client", "HTTP status"] == 200
    assert shown["client", "sent"] == 120_000
    assert shown["handler", "JSON parse"] == pytest.approx(0.001)
    assert shown["X-Ray", "invocation"] == pytest.approx(0.202)
    assert shown["request", "trace id"] == "1-6740a1b2-0123456789abcdef01234567"
    assert shown["request", "sampled"] == "yes"
    assert shown["memory", "Max Memory Used"] == 512 * MIB
    assert shown["image and model", "original"] == "451 x 300 pixels"


def test_of_a_call_by_invoke_the_parts_that_its_client_cannot_see_are_not_shown() -> None:
    unseen = dict.fromkeys(("connect_s", "tls_s", "send_s", "wait_s", "receive_s"))
    sample = make_sample("remote", client=replace(make_client(0.2), **unseen))
    found = tables_for(one_side("remote", (sample,)))[1]
    client = [one["what"] for one in rows(found) if one["group"] == "client"]
    assert client == ["prepare", "total", "sent", "received", "HTTP status"]


def test_a_call_that_was_answered_only_when_repeated_says_so() -> None:
    sample = make_sample("remote", attempts=(make_attempt(), make_attempt()))
    run = one_side("remote", (sample,))
    shown = {(one["group"], one["what"]): one["value"] for one in rows(tables_for(run)[1])}
    assert shown["client", "answered at try"] == 3


def test_what_never_came_says_why() -> None:
    sample = make_sample(
        "remote", trace=Skipped("sampled out"), report=Skipped("no log line within 50 s", pending=True)
    )
    found = tables_for(one_side("remote", (sample,)))[1]
    told = {one["group"]: one["value"] for one in rows(found) if str(one["value"]).startswith("not available")}
    assert told == {"X-Ray": "not available: sampled out", "memory": "not available: no log line within 50 s"}


COMMANDS = ["compare", "local", "remote"]


@pytest.mark.parametrize("command", COMMANDS)
def test_untrained_weights_are_told_under_every_table(command: str) -> None:
    samples = tuple(
        make_sample(side, outcome=make_answer(side=side, runtime=make_facts(trained=False)))
        for side in ("local", "remote")
    )
    for one in tables_for(make_run(samples=samples, settings=make_settings(command=command)), verbose=True):
        assert UNTRAINED in [caption.short for caption in one.captions], one.name


@pytest.mark.parametrize("command", ["compare", "remote"])
@pytest.mark.parametrize("mechanism", ["cgroup-v2", "throttle", "none"])
def test_every_table_says_that_lambda_was_emulated_and_how_it_was_limited(command: str, mechanism: str) -> None:
    deployment = make_deployment(enforcement=make_enforcement(mechanism))
    run = make_run(runs=3, deployment=deployment, settings=make_settings(command=command, runs=3))
    for one in tables_for(run, verbose=True):
        caption = one.captions[0]
        assert caption.text.startswith(f"Lambda: emulated, 1024 MB, 0.58 vCPU; {mechanism}: ")
        assert caption.short.startswith(f"Lambda: emulated, 1024 MB, 0.58 vCPU; {mechanism}")
        for said in (caption.text, caption.short):
            assert ("CPU not limited" in said) == (mechanism == "none")


def test_real_lambda_is_not_called_emulated() -> None:
    deployment = make_deployment(kind="aws", enforcement=make_enforcement("lambda", description="AWS's own"))
    for one in tables_for(make_run(runs=3, deployment=deployment)):
        assert one.captions[0].text == "Lambda: the real one, on AWS, 1024 MB, 0.58 vCPU; AWS's own"


def test_a_local_run_limited_as_lambda_says_so() -> None:
    run = replace(
        one_side("local", (make_sample(),), memory_bytes=1024 * MIB), local_enforcement=make_enforcement("none")
    )
    for one in tables_for(run):
        assert one.captions[0].text.startswith("local: limited as a 1024 MB Lambda; none: ")
        assert "CPU not limited" in one.captions[0].short
