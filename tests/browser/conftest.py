"""A real browser: Debian's Chromium, driven by Playwright, with no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsers import Opener
from factories import make_run
from metric_series import make_series
from page_world import World, page_world
from resnet_bench.report import page_of, write_page_html
from visitors import Visitor

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Not for the session: while it is open, Playwright's event loop runs in this thread, and no other can."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium here")
    # Chromium does not put its processes in a sandbox of their own for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=program, args=arguments)
        yield made
        made.close()


@pytest.fixture(scope="module")
def opening(browser: Any) -> Iterator[Opener]:
    opener = Opener(browser)
    yield opener
    opener.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a comparison with metrics: every figure that a run can have."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_page_html((page_of(make_run(runs=12), metrics=(make_series(),), verbose=True, drawn=True),), path)
    return path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The page's server, with sides that answer as a test says."""
    with page_world(tmp_path / "results", warning="untrained weights") as made:
        yield made


@pytest.fixture
def visiting(browser: Any) -> Iterator[Opener]:
    """Pages that are closed after the test: they hold streams open, and go on asking."""
    opener = Opener(browser)
    yield opener
    opener.close()


@pytest.fixture
def visitor(visiting: Opener, world: World) -> Visitor:
    """Without figures, for what is not about them."""
    return Visitor(visiting(world.url, library=False))
