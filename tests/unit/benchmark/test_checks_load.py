"""Doubts about a load test."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from factories import (
    make_answer,
    make_deployment,
    make_environment,
    make_facts,
    make_failed,
    make_level,
    make_run,
    make_sample,
    make_settings,
)
from resnet_bench.benchmark.checks import check
from resnet_bench.benchmark.demand import client_cpus, side_cpus
from resnet_bench.results.levels import LoadClients, LoadLevel
from resnet_bench.results.records import Side, Skipped
from resnet_bench.results.run import Run


def level(side: Side = "local", concurrency: int = 2, *, cpu_s: float = 3.0, **changes: Any) -> LoadLevel:
    clients = LoadClients(began_at="2026-11-22T08:00:00+00:00", elapsed_s=30.0, cpu_s=cpu_s, between_s=0.001)
    return make_level(side, concurrency, **{"clients": clients, **changes})


def load_run(*levels: LoadLevel, cpus: int = 2, threads: int = 1, **changes: Any) -> Run:
    samples = [
        make_sample(
            each.side,
            phase="load",
            variant=each.variant,
            outcome=make_answer(side=each.side, runtime=make_facts(threads_count=threads)),
        )
        for each in levels
    ]
    made = make_run(
        settings=make_settings(command="load"),
        environment=make_environment(cpus_count=cpus),
        samples=tuple(samples),
        levels=levels,
    )
    return replace(made, **changes)


def doubts(run: Run) -> dict[str, str]:
    return {caveat.code: caveat.message for caveat in check(run)}


@pytest.mark.parametrize(
    ("made", "threads", "expected"),
    [
        (level("local", 1), 2, 2.0),
        (level("local", 8, workers=2), 2, 4.0),  # the others wait in the queue
        (level("remote", 4, workers=4), 1, 4 * 0.579),
        (level("remote", 4, workers=3), 1, 3 * 0.579),  # the fourth is refused
    ],
)
def test_a_level_wants_what_those_calls_want_that_are_worked_on(made: LoadLevel, threads: int, expected: float) -> None:
    assert side_cpus(load_run(made, threads=threads), made) == pytest.approx(expected)


def test_a_lambda_that_is_elsewhere_wants_none_of_this_machine() -> None:
    made = level("remote", 64, workers=None)
    run = load_run(made, deployment=make_deployment(kind="aws"))
    assert side_cpus(run, made) is None
    assert "load-shares-cpus" not in doubts(run)


def test_an_unlimited_emulated_lambda_wants_its_threads() -> None:
    made = level("remote", 2, workers=10)
    assert side_cpus(load_run(made, threads=3, deployment=make_deployment(cpu_share=None)), made) == 6.0


def test_server_and_clients_on_too_few_cpus_are_a_doubt_from_the_first_such_level_on() -> None:
    run = load_run(level("remote", 1), level("remote", 2, workers=8), level("remote", 4, workers=8), cpus=1)
    found = doubts(run)["load-shares-cpus"]
    assert found.endswith(
        "this machine's 1, and slow each other: on the emulated Lambda from 2 at once on (1.16 + 0.10)"
    )
    assert "load-shares-cpus" not in doubts(load_run(level("remote", 2, workers=8), cpus=2))


def test_clients_at_the_limit_of_one_process_are_a_doubt() -> None:
    assert "0.90 CPUs" in doubts(load_run(level(cpu_s=27.0), cpus=64))["load-clients-limited"]
    assert "load-clients-limited" not in doubts(load_run(level(cpu_s=20.0), cpus=64))


def test_a_level_that_was_not_measured_raises_no_doubt() -> None:
    skipped = level(clients=Skipped("too little memory"))
    assert client_cpus(skipped) is None
    assert not doubts(load_run(skipped, cpus=1)).keys() & {"load-shares-cpus", "load-clients-limited"}


def test_failures_are_told_and_refusals_are_not_among_them() -> None:
    made = level("remote")
    run = load_run(made, cpus=64)
    under = {"variant": made.variant, "phase": "load"}
    samples = (*run.samples, make_failed(status=503, **under), make_failed(status=500, **under))
    assert "1 of 3 calls failed" in doubts(replace(run, samples=samples))["failures"]
    assert "failures" not in doubts(replace(run, samples=samples[:2]))


def test_untrained_weights_are_told_of_calls_under_load_too() -> None:
    run = load_run(level(), cpus=64)
    (sample,) = run.samples
    raw = replace(sample, outcome=make_answer(runtime=make_facts(trained=False)))
    assert "untrained-weights" in doubts(replace(run, samples=(raw,)))
    assert "untrained-weights" not in doubts(run)
