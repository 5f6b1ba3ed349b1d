"""The style sheet's colours, light and dark: letters and lines can be told from what is behind them."""

from __future__ import annotations

import itertools
import re
from importlib import resources

import pytest

STYLE = resources.files("resnet_bench.report.html").joinpath("page.css").read_text(encoding="utf-8")
BEHIND = {"paper", "tint", "line"}
# https://www.w3.org/TR/WCAG22/: text, and what is drawn.
LETTERS, LINES = 4.5, 3.0


def channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def contrast(one: list[float], other: list[float]) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""

    def luminance(colour: list[float]) -> float:
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def palettes() -> list[dict[str, list[float]]]:
    roots = re.findall(r":root(?::not\(.paper\))? \{(.*?)\}", STYLE, re.DOTALL)
    return [{name: channels(one) for name, one in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", root)} for root in roots]


def test_light_and_dark_have_the_same_names() -> None:
    light, dark = palettes()
    assert set(light) == set(dark)
    assert {"ink", "local", "remote", "other", "third", "muted", "good", "bad"} < set(light)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_letters_and_lines_stand_out_from_what_is_behind_them(palette: dict[str, list[float]]) -> None:
    for name in set(palette) - BEHIND:
        least = LINES if name.startswith("part") else LETTERS
        assert contrast(palette[name], palette["paper"]) >= least, name
    assert contrast(palette["ink"], palette["tint"]) >= LETTERS


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_neighbouring_parts_of_a_whole_differ(palette: dict[str, list[float]]) -> None:
    parts = [palette[f"part{place}"] for place in range(9)]
    for one, other in itertools.pairwise(parts):
        assert sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.3
