"""What several integration tests need, made once for the whole run: AWS's answers from one server, container images."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from base_image import CHANGES, PYTHON, base_tar, missing
from image_store import Store
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


@pytest.fixture(scope="session")
def image_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty one of the tests' own. Tests that ask for it are marked ``image``."""
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    store = Store.create(tmp_path_factory.mktemp("images") / "store")
    yield store
    store.remove()


@pytest.fixture(scope="session")
def lambda_base(image_store: Store) -> str:
    """The name of a base image with AWS's conventions, in ``image_store``."""
    name = f"localhost/lambda-python:{PYTHON}"
    changes = [f"--change={change}" for change in CHANGES]
    image_store.run("podman", "import", "--quiet", *changes, str(base_tar()), name)
    return name
