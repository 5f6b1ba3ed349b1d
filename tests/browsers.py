"""Pages in a real browser, as a user would open them, with every complaint and every request kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandboxes import wait_until

# Becomes true when every figure is drawn.
DRAWN = "document.querySelectorAll('figure').length === document.querySelectorAll('figure.drawn').length"


@dataclass
class Opened:
    """A page in the browser, and what it complained about."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def js(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def until(self, condition: str) -> None:
        """Playwright's own way to wait evaluates a text inside the page, which the page's policy forbids."""
        wait_until(lambda: bool(self.js(condition)), condition, timeout_s=60.0)


class Opener:
    """Opens files as a user would by a double click, and a server's pages; every page has a profile of its own."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._contexts: list[Any] = []

    def __call__(
        self,
        place: Path | str,
        *,
        scheme: str = "light",
        width: int = 1280,
        scripts: bool = True,
        wait: str = DRAWN,
        library: bool = True,
        **options: Any,
    ) -> Opened:
        """``place`` is a file, to which there is no network, or an address; ``options`` are a context's own.

        Without ``library`` a server's page gets none, and draws nothing: reading it takes longer than all else.
        """
        context = self._browser.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": 900},
            offline=isinstance(place, Path),
            java_script_enabled=scripts,
            **options,
        )
        self._contexts.append(context)
        if not library:
            context.route("**/plotly.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        opened = Opened(context.new_page())
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("dialog", lambda dialog: (opened.complaints.append("a dialog"), dialog.dismiss()))
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.goto(place.as_uri() if isinstance(place, Path) else place)
        if scripts and library:
            opened.until(wait)
        return opened

    def close(self) -> None:
        for context in self._contexts:
            context.close()
