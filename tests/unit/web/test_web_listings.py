"""What the page lists: the session's classifications, and the results that are kept."""

from __future__ import annotations

from classified import make_classification, session
from factories import make_failed
from html_page import Node, parsed
from resnet_bench.web.classification import Classification
from resnet_bench.web.listings import SavedResult, history, results_list

HOSTILE = '"><img src=x onerror=alert(1)>'
KEPT = SavedResult("20261122-serve.json", "serve", "2026-11-22T09:00:00+01:00", ("onnx", "torch"), 1_260, finished=True)


def listed(*ones: Classification) -> Node:
    return parsed(f"<!doctype html>\n{history(session(*ones), ones)}")


def results(*entries: SavedResult) -> Node:
    return parsed(f"<!doctype html>\n{results_list(entries)}")


def lines(tree: Node) -> list[list[str]]:
    (body,) = tree.all("tbody")
    return [[cell.text() for cell in line.children if isinstance(cell, Node)] for line in body.all("tr")]


def test_the_newest_classification_comes_first() -> None:
    ones = (make_classification(1), make_classification(2, name="dog.jpg", cold=True))
    assert lines(listed(*ones)) == [
        ["2", "dog.jpg", "2,940", "3,226", "cold", "yes"],
        ["1", "cat.jpg", "40.0", "206", "warm", "yes"],
    ]


def test_the_session_is_drawn_as_a_course_and_says_what_is_emulated() -> None:
    tree = listed(make_classification(1), make_classification(2))
    (drawn,) = tree.all("figure")
    assert "4 calls" in drawn.text()
    assert all("Lambda: emulated" in each.text() for each in (drawn, *tree.all("div")) if each.classed("table"))


def test_a_side_that_failed_has_no_time() -> None:
    one = make_classification(1, remote=make_failed(engine="onnx", image="cat.jpg"))
    assert lines(listed(one)) == [["1", "cat.jpg", "40.0", "no answer"]]


def test_what_is_still_on_its_way_is_not_listed() -> None:
    waiting = make_classification(2, state="queued", local=None, remote=None)
    assert len(lines(listed(make_classification(1), waiting))) == 1
    assert "Nothing has been classified yet." in listed(waiting).text()


def test_each_result_is_a_button_that_says_what_it_is() -> None:
    (button,) = results(KEPT).all("button")
    assert button.attributes["data-result"] == "20261122-serve.json"
    assert [one.text() for one in button.children if isinstance(one, Node)] == [
        "serve",
        "2026-11-22 08:00 UTC",
        "onnx, torch; 1,260 calls",
        "20261122-serve.json",
    ]


def test_an_interrupted_run_is_called_so() -> None:
    entry = SavedResult("a.json", "compare", KEPT.created_at, ("onnx",), 1, finished=False)
    assert "onnx; 1 call; interrupted" in results(entry).text()


def test_a_file_that_cannot_be_read_is_listed_with_the_reason_and_cannot_be_opened() -> None:
    tree = results(KEPT, SavedResult("torn.json", problem="it is not JSON"))
    assert len(tree.all("button")) == 1
    assert "torn.jsoncannot be read: it is not JSON" in tree.text()


def test_an_empty_folder_says_how_results_come_there() -> None:
    assert "No results are saved here yet" in results().text()


def test_names_stay_text() -> None:
    tree = results(SavedResult(HOSTILE, "serve", KEPT.created_at, ("onnx",), 2), SavedResult(HOSTILE, problem=HOSTILE))
    assert not tree.all("img")
    assert tree.all("button")[0].attributes["data-result"] == HOSTILE
    assert not listed(make_classification(1, name=HOSTILE)).all("img")
