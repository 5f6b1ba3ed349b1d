"""Someone who uses the page of ``resnet-bench serve`` in a real browser."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from browsers import Opened
from factories import make_run, make_samples, make_settings
from resnet_bench.results.files import ResultWriter

# Hands a file over as the desktop does, which no test can by mouse or keyboard: ``kind`` is paste, dragover or drop.
_HANDED = """([kind, name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], name));
    const how = { bubbles: true, cancelable: true };
    const event = kind === "paste"
        ? new ClipboardEvent(kind, { clipboardData: data, ...how })
        : new DragEvent(kind, { dataTransfer: data, ...how });
    document.body.dispatchEvent(event);
}"""


class Visitor:
    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.page: Any = opened.page

    def text(self, selector: str) -> str:
        """Of what is seen there; empty if nothing is."""
        found = self.page.locator(selector)
        return str(found.inner_text()).strip() if found.count() and found.is_visible() else ""

    def texts(self, selector: str) -> list[str]:
        return [str(each).strip() for each in self.page.locator(selector).all_inner_texts()]

    def until(self, selector: str, words: str = "") -> None:
        """Until it is seen, with these words in it."""
        self.page.locator(selector, has_text=words).first.wait_for(state="visible")

    def take(self, sample: str) -> None:
        self.page.click(f"button[data-sample='{sample}']")
        self.until("#preview-name", sample)

    def choose(self, path: Path) -> None:
        self.page.set_input_files("#file", path)

    def hand(self, kind: str, path: Path) -> None:
        self.page.evaluate(_HANDED, [kind, path.name, b64encode(path.read_bytes()).decode()])

    def classify(self, *, cold: bool = False) -> None:
        """Press the button, and see that something happens."""
        self.page.set_checked("#cold", cold)
        self.page.click("#classify")
        self.page.locator("#asked").wait_for(state="visible")

    def until_done(self, count: int = 1) -> None:
        """Until both sides and X-Ray have told all, and ``count`` classifications stand in the session's history."""
        self.until("#status", "done")
        self.until_history(count)

    def until_history(self, count: int) -> None:
        self.opened.until(f"document.querySelectorAll('#history tbody tr').length === {count}")

    def history(self) -> list[list[str]]:
        """The session's table, a row a classification."""
        rows = self.page.locator("#history tbody tr")
        return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def keep_result(folder: Path) -> str:
    """The name of a small result in ``folder``, as another command saves one; a comparison takes longer to open."""
    samples = make_samples(runs=2, cold=1, warmup=0, engines=("onnx",))
    settings = make_settings(command="remote", engines=("onnx",), runs=2, cold=1)
    with ResultWriter(make_run(samples=samples, settings=settings), folder=folder) as writer:
        for sample in samples:
            writer.add(sample)
    return writer.path.name
