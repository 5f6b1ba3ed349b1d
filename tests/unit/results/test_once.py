"""What is found in a run is found once, for each run and each question, and is no part of the record."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from factories import make_run
from resnet_bench.results.once import once
from resnet_bench.results.run import Run


def counting():
    asked = []

    @once
    def find(run: Run, what: str, *, more: int = 0) -> tuple[str, int, int]:
        asked.append(what)
        return what, more, len(run.samples)

    return find, asked


def test_a_question_is_answered_once():
    find, asked = counting()
    run = make_run(runs=2)
    assert find(run, "a", more=1) is find(run, "a", more=1)
    assert asked == ["a"]


def test_another_question_another_function_and_another_run_are_answered_anew():
    (first, asked), (second, _) = counting(), counting()
    run = make_run(runs=2)
    shorter = replace(run, samples=run.samples[:3])
    found = [first(run, "a"), first(run, "a", more=1), first(run, "b"), second(run, "b"), first(shorter, "a")]
    assert found[0] == ("a", 0, len(run.samples))
    assert found[1:4] == [("a", 1, len(run.samples)), ("b", 0, len(run.samples)), ("b", 0, len(run.samples))]
    assert found[4] == ("a", 0, 3)
    assert asked == ["a", "a", "b", "a"]


def test_what_was_found_is_neither_saved_nor_compared():
    find, _ = counting()
    run, same = make_run(runs=2), make_run(runs=2)
    find(run, "a")
    assert msgspec.json.encode(run) == msgspec.json.encode(same)
    assert run == same
