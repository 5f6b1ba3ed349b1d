"""Prices that AWS was asked for are kept by region, and a file that cannot be read does no harm."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from resnet_bench.prices.kept import keep, known
from resnet_bench.prices.table import Price, Prices, packaged


def of_region(region: str, usd: str = "0.0000003") -> Prices:
    found = packaged(None)
    price = Price(Decimal(usd), "request", f"AWS's price list for {region}, read 2026-11-24")
    return replace(found, region=region, of={**found.of, "lambda_request": price}, notice=price.source)


def test_what_was_kept_is_found_again_to_the_last_digit(tmp_path: Path) -> None:
    keep(of_region("eu-west-1", "0.00000020000000001"), tmp_path)
    assert known("eu-west-1", tmp_path) == of_region("eu-west-1", "0.00000020000000001")


def test_a_region_that_was_not_kept_has_the_packaged_prices_which_say_whose_they_are(tmp_path: Path) -> None:
    keep(of_region("eu-west-1"), tmp_path)
    assert known("sa-east-1", tmp_path) == packaged("sa-east-1")
    assert "list prices of us-east-1" in known("sa-east-1", tmp_path).notice
    assert "sa-east-1 may differ" in known("sa-east-1", tmp_path).notice


def test_where_no_region_is_known_the_last_that_was_kept_counts(tmp_path: Path) -> None:
    assert known(None, tmp_path) == packaged(None)
    for age_s, region in enumerate(["eu-west-1", "ap-south-1"]):
        path = keep(of_region(region), tmp_path)
        os.utime(path, (1000 - age_s, 1000 - age_s))
    assert known(None, tmp_path).region == "eu-west-1"


@pytest.mark.parametrize("text", ["", "{", '{"region": 1}', "\x00"])
def test_a_damaged_file_is_passed_over_and_said_so(tmp_path: Path, text: str) -> None:
    keep(of_region("eu-west-1"), tmp_path).write_text(text)
    found = known("eu-west-1", tmp_path)
    assert found.of == packaged("eu-west-1").of
    assert "prices-eu-west-1.json, which was kept, cannot be read" in found.notice


def test_a_price_that_an_older_version_did_not_keep_is_the_packaged_one(tmp_path: Path) -> None:
    older = of_region("eu-west-1")
    keep(replace(older, of={"lambda_request": older["lambda_request"]}, instances={}), tmp_path)
    found = known("eu-west-1", tmp_path)
    assert found["lambda_request"] == older["lambda_request"]
    assert found["ipv4_hour"] == packaged(None)["ipv4_hour"]
    assert found.instances == packaged(None).instances
