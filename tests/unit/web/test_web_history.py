"""The session: names that tell images apart, phases by evidence, and a run that result readers accept."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from classified import make_classification
from factories import make_failed, make_run, make_sample
from resnet_bench.results.run import ImageRef
from resnet_bench.web.classification import Classification
from resnet_bench.web.history import KEPT, History, in_its_phase, named_among
from resnet_bench.web.uploads import Upload


def image(name: str, content: str) -> ImageRef:
    return ImageRef(name=name, sha256=content * 64, size_bytes=1, width=1, height=1, format="PNG")


def history() -> History:
    return History(make_run(samples=(), images=()))


def named(given: list[tuple[str, str]]) -> list[str]:
    known: list[ImageRef] = []
    for name, content in given:
        known.append(named_among(image(name, content), known))
    return [each.name for each in known]


def test_other_images_of_one_name_get_names_of_their_own_and_the_same_image_keeps_its_first() -> None:
    given = [("cat.jpg", "a"), ("cat.jpg", "b"), ("cat.jpg", "c"), ("cat.jpg", "b"), ("dog.jpg", "b"), (".png", "d")]
    given.append((".png", "e"))
    assert named(given) == ["cat.jpg", "cat (2).jpg", "cat (3).jpg", "cat (2).jpg", "dog.jpg", ".png", ".png (2)"]


def test_a_numbered_name_that_somebody_uses_is_not_given_again() -> None:
    given = [("cat (2).jpg", "a"), ("cat.jpg", "b"), ("cat.jpg", "c")]
    assert len(set(named(given))) == 3


def test_a_call_is_cold_by_what_it_met_and_not_by_what_was_asked_for() -> None:
    cold, warm = make_sample("remote", phase="cold"), make_sample("remote", phase="warm")
    assert in_its_phase(replace(cold, phase="warm")).phase == "cold"
    assert in_its_phase(replace(warm, phase="cold")).phase == "warm"


def test_a_call_without_an_answer_stays_what_was_asked_for() -> None:
    failed = make_failed(phase="cold")
    assert in_its_phase(failed) is failed


def test_numbers_go_on_and_what_waits_knows_how_many_are_before_it() -> None:
    kept = history()
    made = [kept.begin(Upload(b"", image(f"{letter}.png", letter)), cold=False)[0] for letter in "abc"]
    assert [one.number for one in made] == [1, 2, 3]
    assert [one.ahead_count for one in made] == [0, 1, 2]
    assert kept.find("2") is made[1]
    assert kept.find("9") is None
    made[0].state = "done"
    made[1].state = "local"
    assert kept.waiting == [made[2]]
    assert kept.unanswered == [made[1], made[2]]


def test_the_oldest_make_room_and_their_names_do() -> None:
    kept = history()
    kept.begin(Upload(b"", image("a.png", "b")), cold=False)
    for _ in range(KEPT):
        kept.begin(Upload(b"", image("b.png", "a")), cold=False)
    assert len(kept.all) == KEPT
    assert kept.find("1") is None
    assert kept.begin(Upload(b"", image("a.png", "c")), cold=False)[0].image.name == "a.png"


def test_the_run_counts_pairs_by_their_phase_and_lists_what_was_classified() -> None:
    kept = history()
    kept.all.extend(
        [
            make_classification(1, name="cat.jpg", cold=True),
            make_classification(2, name="dog.jpg"),
            make_classification(3, name="dog.jpg", remote=make_failed(phase="warm", pair=3)),
            make_classification(4, name="bad.jpg", local=None, remote=None),
        ]
    )
    run = kept.run()
    assert (run.settings.runs, run.settings.cold) == (2, 1)
    assert [ref.name for ref in run.images] == ["cat.jpg", "dog.jpg"]
    assert len(run.samples) == 6
    assert run.finished
    assert {caveat.code for caveat in run.caveats}  # few calls are a doubt


def test_an_image_may_be_sent_while_the_run_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = history()
    kept.all.extend([make_classification(1), make_classification(2)])
    made = {one.number: one.samples for one in kept.all}

    def meanwhile(one: Classification) -> object:
        kept.begin(Upload(b"", image("new.png", "a")), cold=False)
        return made[one.number]

    monkeypatch.setattr(Classification, "samples", property(meanwhile))
    assert len(kept.run().samples) == 4
