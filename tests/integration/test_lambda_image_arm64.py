"""An arm64 image, really built: wherever this runs, no instruction of the other processor is needed for it."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from image_store import Store
from resnet_bench.container.tools import find
from resnet_bench.inference.model import Model
from resnet_bench.lambda_image import Architecture
from resnet_bench.lambda_image.build import BuiltImage, build

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]

BASE = "localhost/lambda-python-of-both:3.13"
HERE = "amd64" if platform.machine() == "x86_64" else "arm64"
OTHER: Architecture = "arm64" if HERE == "amd64" else "x86_64"
# e_machine of an ELF file (elf.h: EM_X86_64, EM_AARCH64).
MACHINE = {"x86_64": 62, "arm64": 183}


@pytest.fixture(scope="module")
def base(image_store: Store, lambda_base: str) -> str:
    """One name for both processors, as AWS's is. The files of the other are the same: nothing in them will be run."""
    architecture = OTHER.replace("x86_64", "amd64")
    other = image_store.derive(lambda_base, f"{BASE}-other", f"--arch={architecture}")
    members = [f"containers-storage:{name}" for name in (lambda_base, other)]
    image_store.run("podman", "manifest", "create", BASE, *members)
    return BASE


@pytest.fixture(scope="module")
def built(image_store: Store, base: str, model: Model) -> BuiltImage:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in image_store.environment.items():
            patch.setenv(name, value)
        return build("onnx", model.folder, architecture=OTHER, base=base, tool=find(wanted="buildah"))


@pytest.fixture
def files(image_store: Store, built: BuiltImage) -> Iterator[Path]:
    """The image's task root."""
    container = image_store.run("buildah", "from", "--pull-never", built.id).strip()
    yield Path(image_store.run("buildah", "mount", container).strip(), "var/task")
    image_store.run("buildah", "rm", container)


def test_it_is_marked_as_the_other_processors(image_store: Store, built: BuiltImage) -> None:
    (found,) = json.loads(image_store.run("podman", "image", "inspect", built.id))
    assert found["Architecture"] == OTHER.replace("x86_64", "amd64")
    assert [layer.what for layer in built.layers] == ["packages", "model", "code"]


def test_every_library_in_it_is_the_other_processors(files: Path) -> None:
    heads = [path.read_bytes()[:20] for path in files.rglob("*.so*") if path.is_file()]
    machines = Counter(int.from_bytes(head[18:20], "little") for head in heads if head.startswith(b"\x7fELF"))
    assert set(machines) == {MACHINE[OTHER]}
    assert machines.total() > 20


def test_it_is_compiled_by_the_base_of_this_machine(files: Path) -> None:
    assert (files / "resnet_bench" / "__pycache__" / "handler.cpython-313.pyc").is_file()
    assert (files / "numpy" / "__pycache__" / "__init__.cpython-313.pyc").is_file()
