"""What several integration tests need: AWS's answers from one server, container images, the page's server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_world import AwsWorld
from base_image import CHANGES, PYTHON, base_tar, missing
from containers import make_probe
from image_store import Store
from moto_server import moto_server, reset
from page_world import World, page_world
from resnet_bench.container.tools import find
from resnet_bench.inference.model import Model
from resnet_bench.lambda_image.build import BuiltImage, build
from stack_commands import Aws


@pytest.fixture(scope="session")
def moto_session() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def moto_url(moto_session: str) -> str:
    """The server's address; the account is empty."""
    reset(moto_session)
    return moto_session


@pytest.fixture
def aws(moto_url: str, tmp_path: Path) -> Iterator[Aws]:
    """The stack's commands on an empty account. None of them needs a function that runs."""
    with AwsWorld(moto_url, None) as world:
        made = Aws(world, tmp_path)
        made.interfere("(?!)", None)
        yield made


@pytest.fixture
def deployed(aws: Aws) -> Aws:
    done = aws.deploy()
    assert done.code == 0, done.err
    return aws


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


@pytest.fixture(scope="session")
def lambda_image(image_store: Store, lambda_base: str, model: Model) -> BuiltImage:
    """The function's image, for ONNX and with random weights, in ``image_store``."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in image_store.environment.items():
            patch.setenv(name, value)
        return build("onnx", model.folder, base=lambda_base, tool=find(wanted="buildah"))


@pytest.fixture(scope="session")
def probe_image(image_store: Store, lambda_base: str) -> str:
    """The name of an image that is the probe function, or runs any other command, in ``image_store``."""
    return make_probe(image_store, lambda_base)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The page's server, with a folder of its own for results."""
    with page_world(tmp_path / "results") as made:
        yield made


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same for tests that leave nothing behind which another one would see."""
    with page_world(tmp_path_factory.mktemp("steady") / "results") as made:
        yield made
