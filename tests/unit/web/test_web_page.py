"""The page before anything is classified: what it says of this server, and that nothing in it can become markup."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from html_page import Node, parsed
from resnet_bench.web.classification import Facts
from resnet_bench.web.page import page_html

HOSTILE = '</script><img src=x onerror="alert(1)">'
FACTS = Facts(
    headline=("local: onnx, 1 thread", "Lambda: emulated, 1024 MB"),
    warning="untrained weights",
    samples=("cat one.jpg", "dog.png"),
    forces_cold=True,
    limit_bytes=4_669_440,
)


def page(**changes: Any) -> Node:
    return parsed(page_html(replace(FACTS, **changes)))


def by_id(tree: Node, key: str) -> Node:
    (found,) = [one for one in tree.everything() if one.attributes.get("id") == key]
    return found


def test_it_says_what_is_compared_and_what_must_be_known_first() -> None:
    (header,) = page().all("header")
    lines = [one.text() for one in header.all("p")]
    assert lines[1:] == ["local: onnx, 1 thread", "Lambda: emulated, 1024 MB", "untrained weights"]
    assert [one.text() for one in header.all("p") if one.classed("warning")] == ["untrained weights"]


def test_without_a_warning_none_is_there() -> None:
    (header,) = page(warning="").all("header")
    assert not [one for one in header.everything() if one.classed("warning")]


def test_the_limit_is_told_in_words_and_to_the_script_as_a_number() -> None:
    limit = by_id(page(), "limit")
    assert limit.attributes["data-bytes"] == "4669440"
    assert "at most 4.7 MB" in limit.text()


def test_each_sample_is_a_button_with_its_thumbnail() -> None:
    buttons = [one for one in page().all("button") if "data-sample" in one.attributes]
    assert [one.attributes["data-sample"] for one in buttons] == ["cat one.jpg", "dog.png"]
    assert [one.text() for one in buttons] == ["cat one", "dog"]
    assert [one.attributes["src"] for button in buttons for one in button.all("img")] == [
        "/thumbnails/cat%20one.jpg",
        "/thumbnails/dog.png",
    ]


def test_without_samples_nothing_offers_any() -> None:
    assert page(samples=()).all("fieldset") == []


def test_a_cold_start_is_offered_or_the_reason_why_not() -> None:
    box = by_id(page(), "cold")
    means = box.attributes["aria-describedby"]
    assert means is not None
    assert "anew" in by_id(page(), means).text()
    without = page(forces_cold=False)
    assert "cold" not in {one.attributes.get("id") for one in without.everything()}
    assert "cold start cannot be forced here" in without.text()


def test_what_it_is_told_stays_text() -> None:
    tree = page(headline=(HOSTILE, "$limit"), warning=HOSTILE, samples=(HOSTILE,))
    assert HOSTILE in tree.all("header")[0].text()
    assert "$limit" in tree.all("header")[0].text()
    assert not [one for one in tree.everything() if "onerror" in one.attributes]
    (button,) = [one for one in tree.all("button") if "data-sample" in one.attributes]
    assert button.attributes["data-sample"] == HOSTILE


def test_nothing_runs_in_it_and_everything_is_loaded_from_its_own_server() -> None:
    tree = page()
    assert [one.text() for one in tree.all("script")] == ["", "", ""]
    assert not [name for one in tree.everything() for name in one.attributes if name.startswith("on")]
    sources = [one.attributes.get(name) for one in tree.everything() for name in ("src", "href")]
    assert all(one.startswith(("/", "#", "data:,")) and not one.startswith("//") for one in sources if one is not None)


def test_every_reference_within_it_leads_somewhere() -> None:
    tree = page()
    ids = [one.attributes["id"] for one in tree.everything() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    names = ("for", "aria-controls", "aria-labelledby", "aria-describedby")
    assert {one.attributes[name] for one in tree.everything() for name in names if name in one.attributes} <= set(ids)


def test_without_scripts_it_says_what_is_needed() -> None:
    (words,) = page().all("noscript")
    assert "JavaScript" in words.text()
