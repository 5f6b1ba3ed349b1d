"""Who may use the page: nobody else's computer without a word about it."""

from __future__ import annotations

import pytest

from resnet_bench.errors import UsageError
from resnet_bench.web.access import Access

LONG = "0123456789abcdef"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machines_own_address_no_token_is_needed(host: str) -> None:
    access = Access.of(host, None, no_auth=False)
    assert access.token is None
    assert access.exposure() == ()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "myhost"])
def test_elsewhere_it_must_be_said_how_it_is_meant(host: str) -> None:
    with pytest.raises(UsageError) as refused:
        Access.of(host, None, no_auth=False)
    assert "--token auto" in refused.value.hint
    assert "--no-auth" in refused.value.hint
    assert "without any token" in Access.of(host, None, no_auth=True).exposure()[0]
    assert "its token" in Access.of(host, LONG, no_auth=False).exposure()[0]
    assert "plain HTTP" in Access.of(host, LONG, no_auth=False).exposure()[1]
    assert all(len(line) <= 80 for line in Access.of(host, None, no_auth=True).exposure())


def test_no_host_is_not_taken_for_every_host() -> None:
    with pytest.raises(UsageError, match="--host is empty"):
        Access.of("", LONG, no_auth=False)


def test_a_made_token_is_long_and_another_one_each_time() -> None:
    made = {Access.of("0.0.0.0", "auto", no_auth=False).token for _ in range(10)}
    assert len(made) == 10
    assert all(token is not None and len(token) >= 20 for token in made)


@pytest.mark.parametrize("token", ["short", "", "with\nline end here", "\N{SNOWMAN}" * 20])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(UsageError):
        Access.of("127.0.0.1", token, no_auth=False)


def test_a_token_and_no_token_contradict_each_other() -> None:
    with pytest.raises(UsageError):
        Access.of("0.0.0.0", LONG, no_auth=True)


def test_the_ticket_does_not_tell_the_token() -> None:
    access = Access.of("127.0.0.1", LONG, no_auth=False)
    assert access.ticket is not None
    assert LONG not in access.ticket
    assert access.ticket.isalnum()


@pytest.mark.parametrize(
    ("host", "token", "address"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8000/"),
        ("::1", None, "http://[::1]:8000/"),
        ("127.0.0.1", LONG + "&=/", f"http://127.0.0.1:8000/?token={LONG}%26%3D%2F"),
    ],
)
def test_addresses(host: str, token: str | None, address: str) -> None:
    assert Access(host, token).address(8000) == address
