"""What several integration tests need: AWS's answers, from one server for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from moto_server import moto_server, reset


@pytest.fixture(scope="session")
def moto_session() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def moto_url(moto_session: str) -> str:
    """The server's address; the account is empty."""
    reset(moto_session)
    return moto_session
