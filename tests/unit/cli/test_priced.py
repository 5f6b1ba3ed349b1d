"""Which prices a command goes by: AWS is asked once, its answer kept, and later runs go by it and say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from price_lists import PricedAccount, answer_all, answer_instances, offered
from resnet_bench.cli.priced import known_prices, refreshed_prices
from resnet_bench.errors import AwsError, SetupError, UsageError
from resnet_bench.prices.table import packaged

ASKED_FOR: dict[str, str | None] = {}


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PricedAccount]:
    """AWS as the command finds it, with an empty cache of prices."""
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path))
    with PricedAccount() as made:

        def opened(**settings: str | None) -> PricedAccount:
            ASKED_FOR.update(settings)
            return made

        monkeypatch.setattr("resnet_bench.aws.access.account.Account", opened)
        yield made


def test_what_aws_said_is_kept_with_its_date_and_found_without_asking_again(account: PricedAccount) -> None:
    answer_instances(account)
    answer_all(account)
    found = refreshed_prices(None, "mine", ())
    assert ASKED_FOR == {"region": None, "profile": "mine"}
    assert re.match(r"AWS's price list for eu-west-1, read 20\d\d-\d\d-\d\d", found.notice)
    account.stubber.assert_no_pending_responses()
    assert known_prices("eu-west-1") == found
    assert known_prices(None) == found
    assert known_prices("sa-east-1") == packaged("sa-east-1")


def test_an_instance_that_was_asked_for_before_is_asked_for_again(account: PricedAccount) -> None:
    for asked in (["c7i.xlarge"], ()):
        answer_instances(account, c7i_xlarge=[offered("c7i.xlarge", "0.204")])
        answer_all(account)
        refreshed_prices("eu-west-1", None, asked)
    assert "c7i.xlarge" in known_prices("eu-west-1").instances


def test_an_instance_that_aws_does_not_list_is_named_and_the_rest_is_kept(account: PricedAccount) -> None:
    answer_instances(account, z9_huge=[])
    answer_all(account)
    with pytest.raises(UsageError, match=r"no single price of z9\.huge in eu-west-1"):
        refreshed_prices("eu-west-1", None, ["z9.huge"])
    assert known_prices("eu-west-1").notice.startswith("AWS's price list for eu-west-1, read ")


def test_a_denial_leaves_what_was_kept_before(account: PricedAccount) -> None:
    answer_instances(account)
    answer_all(account)
    found = refreshed_prices("eu-west-1", None, ())
    account.stubber.add_client_error("get_products", "AccessDeniedException", "no")
    with pytest.raises(AwsError, match="pricing:GetProducts"):
        refreshed_prices("eu-west-1", None, ())
    assert known_prices("eu-west-1") == found


def test_where_nothing_can_be_kept_the_packaged_prices_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path / "file" / "cache"))
    assert known_prices("eu-west-1") == packaged("eu-west-1")
    with pytest.raises(SetupError, match="cannot write to the cache"):
        refreshed_prices("eu-west-1", None, ())
