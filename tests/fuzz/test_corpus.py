"""What fuzzing has found, once more: nothing of it breaks anything, in CI too, where nothing is fuzzed."""

from __future__ import annotations

import pytest

from fuzz.target import CORPUS, corpus, load, names

_MOST_BYTES = 1_500_000


@pytest.mark.parametrize("name", names())
def test_what_was_found_breaks_nothing_any_more(name: str) -> None:
    one = load(name)
    for place, data in enumerate(one.seeds()):
        try:
            one.exercise(data)
        except BaseException as error:
            error.add_note(f"seed {place} of {name}")
            raise
    for path in corpus(name):
        try:
            one.exercise(path.read_bytes())
        except BaseException as error:
            error.add_note(f"the input: {path}")
            raise


def test_the_corpus_is_of_targets_that_there_are_and_stays_small() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} <= {*names()}
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < _MOST_BYTES
