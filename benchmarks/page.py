"""Whether the page measures what the other commands measure: the same photograph, with a browser and without.

    python benchmarks/page.py [--rounds 30] [--image images/chelsea.png]

``resnet-bench serve`` runs as a process with random weights. In each round the photograph is classified by one HTTP
request, and by the page in the system's Chromium on this machine, whose drawing shares the CPUs; the two take turns in
random order. Told are the two sides' own totals of a warm call, and what the server adds to them: the wall time of the
plain request less the two totals. Goal: with a browser each side's total is not longer than without, beyond the
ratio's interval and 5 %. Needs the test tools (playwright) and a Chromium.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.stats import median

ROOT = Path(__file__).resolve().parents[1]
GOAL = 1.05
WARMUP = 2
PROGRAM = str(Path(sys.executable).with_name("resnet-bench"))
NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def serving(image: Path, folder: str) -> Iterator[str]:
    """The page's address."""
    command = [PROGRAM, "serve", str(image), "--weights", "random", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            found = next(filter(None, (re.search(r"open (http://\S+)/", line) for line in process.stderr)), None)
            if found is None:
                raise SystemExit("the page did not start")
            yield found[1]
        finally:
            process.terminate()


def by_request(client: httpx.Client, image: Path) -> tuple[dict[str, float], float]:
    """Both sides' totals, and the wall time of the whole."""
    kind = "image/png" if image.suffix == ".png" else "image/jpeg"
    began_s = time.perf_counter()
    answer = client.post("/classify", content=image.read_bytes(), headers={"content-type": kind})
    return totals(answer.raise_for_status().json()), time.perf_counter() - began_s


def by_browser(page: Any, client: httpx.Client, number: int) -> dict[str, float]:
    page.get_by_role("button", name="Classify", exact=True).click()
    while True:
        time.sleep(1.0)  # asking meanwhile would take CPU time, which is what is to be found out
        answer = client.get(f"/classifications/{number}")
        if answer.status_code == 200 and answer.json()["state"] == "done":
            return totals(answer.json())


def totals(document: dict[str, Any]) -> dict[str, float]:
    return {
        "local": document["local"]["outcome"]["stages"]["total_s"],
        "Lambda": document["remote"]["client"]["total_s"],
    }


def measure(
    page: Any, client: httpx.Client, image: Path, rounds: int
) -> tuple[dict[str, list[dict[str, float]]], list[float]]:
    """Each way's totals, and what the server added to those by request."""
    found: dict[str, list[dict[str, float]]] = {"request": [], "browser": []}
    added: list[float] = []
    number = 0
    for _ in range(WARMUP + rounds):
        for way in random.sample(sorted(found), 2):
            number += 1
            if way == "browser":
                found[way].append(by_browser(page, client, number))
            else:
                sides, wall_s = by_request(client, image)
                found[way].append(sides)
                added.append(wall_s - sum(sides.values()))
            time.sleep(1.0)  # until the browser has drawn what came
    return {way: series[WARMUP:] for way, series in found.items()}, added[WARMUP:]


def show(found: dict[str, list[dict[str, float]]], added: list[float]) -> bool:
    """Print what was found; whether the goal is met."""
    met = True
    for side in ("local", "Lambda"):
        drawn, plain = ([sides[side] for sides in found[way]] for way in ("browser", "request"))
        line = f"{side:7} {median(plain) * 1e3:7.1f} ms by request, {median(drawn) * 1e3:7.1f} ms by browser"
        ratio = paired_ratio(drawn, plain)
        if ratio is not None and ratio.interval is not None:
            line += f"; ratio {ratio.value:.2f} ({ratio.interval.low:.2f} to {ratio.interval.high:.2f})"
            met &= ratio.interval.low <= GOAL
        print(line)
    print(f"the server adds {median(added) * 1e3:.0f} ms, of which 100 ms are the browser's to paint whose turn it is")
    return met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--image", type=Path, default=ROOT / "images" / "chelsea.png")
    asked = parser.parse_args()
    image = asked.image.resolve()
    program = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        print("this needs Chromium and the test tools, which make test installs", file=sys.stderr)
        return
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(image, folder) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
        sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=program, args=arguments)) as browser,
    ):
        page = browser.new_page()
        page.goto(url)
        page.locator(f"[data-sample='{image.name}']").click()
        found, added = measure(page, client, image, asked.rounds)
    print(f"{asked.rounds} warm classifications of {image.name} each way")
    met = show(found, added)
    print(f"goal (a browser makes no call longer by more than 5 %): {'met' if met else 'MISSED'}")
    sys.exit(not met)


if __name__ == "__main__":
    main()
