"""The whole journey in Chromium with the program as it is: an engine here, the handler on the emulated Lambda."""

from __future__ import annotations

from pathlib import Path

import pytest

from browsers import DRAWN, Opener
from program import CAT, IMAGES, started
from visitors import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("model")]


def test_from_a_sample_to_a_saved_session_with_its_report(visiting: Opener, tmp_path: Path) -> None:
    arguments = ("serve", CAT, IMAGES / "rocket.jpg", "--weights", "random", "--port", "0")
    with started(*arguments, folder=tmp_path) as running:
        visitor = Visitor(visiting(running.wait_for(r"open (http://127\.0\.0\.1:\d+/)")[1]))
        assert "untrained weights" in visitor.text("header")
        visitor.take("chelsea.png")
        visitor.classify()
        visitor.until_done()
        visitor.take("rocket.jpg")
        visitor.classify(cold=True)
        visitor.until_done(2)
        visitor.opened.until(DRAWN)
        assert "Both sides agree" in visitor.text(".agreement")
        assert visitor.text(".cold-start").startswith("Cold start: as asked, both sides were started anew.")
        assert [side.locator("tbody tr").count() for side in visitor.page.locator(".side").all()] == [5, 5]
        assert visitor.text("#part-xray .count").endswith("times: complete.")
        table = visitor.text("#part-call table")
        assert all(
            words in table for words in ("JSON parse", "initialization", "Max Memory Used", "trace id", "imports")
        )
        assert "untrained weights" in visitor.text("#part-outcome")
        _, image, _, _, start, agreed = visitor.history()[0]
        assert (image, start, agreed) == ("rocket.jpg", "cold", "yes")
        visitor.page.click("#save")
        visitor.until("#saved", "-serve.json")
        visitor.page.click("#tab-saved")
        visitor.page.click("button.result")
        visitor.until("#results-status", "Showing")
        visitor.opened.until(f"{DRAWN} && document.querySelectorAll('#report figure').length > 0")
        assert visitor.opened.complaints == []
        assert running.end().code == 0
    assert [path.name.endswith("-serve.json") for path in (tmp_path / "results").iterdir()] == [True]
