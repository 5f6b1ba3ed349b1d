"""The page before anything is classified: what stands in ``static/index.html``, and the facts of this server."""

from __future__ import annotations

from importlib import resources
from string import Template
from urllib.parse import quote
from xml.etree.ElementTree import Element

from resnet_bench import __version__
from resnet_bench.report.html import serialised, tag
from resnet_bench.runners.request import megabytes
from resnet_bench.web.classification import Facts

_COLD = "Force a cold start"
_COLD_MEANS = "Both sides start anew: the process here, and the function's environment there."
_NO_COLD = (
    "A cold start cannot be forced here: the settings of the function behind this address are not this program's."
)


def page_html(facts: Facts) -> str:
    """The whole document. What is filled in is markup from a tree of elements, so that every text is escaped."""
    source = resources.files(__package__).joinpath("static", "index.html").read_text(encoding="utf-8")
    return Template(source).substitute(
        headline=serialised(*(tag("p", line) for line in facts.headline)),
        warning=serialised(tag("p", facts.warning, class_="warning")) if facts.warning else "",
        limit=serialised(_limit(facts.limit_bytes)),
        samples=serialised(_samples(facts.samples)) if facts.samples else "",
        cold=serialised(_cold(facts)),
        footer=serialised(tag("footer", tag("p", f"resnet-bench {__version__}"))),
    )


def _limit(limit_bytes: int) -> Element:
    """In words, and as a number for the script that keeps to it."""
    words = f"JPEG or PNG, at most {megabytes(limit_bytes)}: with base64 around it, a Lambda's event ends at 6 MB."
    return tag("p", words, id="limit", class_="note", data_bytes=str(limit_bytes))


def _samples(names: tuple[str, ...]) -> Element:
    return tag(
        "fieldset",
        tag("legend", "or take one of these"),
        tag("ul", [tag("li", _sample(name)) for name in names]),
        class_="samples",
    )


def _sample(name: str) -> Element:
    """The picture is named by the button's text below it."""
    picture = tag("img", src=f"/thumbnails/{quote(name, safe='')}", alt="")
    label = tag("span", name.rpartition(".")[0] or name)
    return tag("button", picture, label, type="button", data_sample=name, aria_pressed="false")


def _cold(facts: Facts) -> Element:
    if not facts.forces_cold:
        return tag("p", _NO_COLD, class_="note")
    box = tag("input", type="checkbox", id="cold", aria_describedby="cold-means")
    return tag(
        "p",
        tag("label", box, f" {_COLD}"),
        tag("span", _COLD_MEANS, id="cold-means", class_="note"),
        class_="cold",
    )
