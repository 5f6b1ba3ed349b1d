"""The function's image, really built by buildah, read, run and pushed."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator
from typing import Any

import pytest

from handlers import PHOTO, event
from image_store import Store
from registry import PASSWORD, USERNAME, Registry, missing, running_registry
from resnet_bench import __version__, wire
from resnet_bench.container.tools import find
from resnet_bench.errors import ContainerError
from resnet_bench.inference.model import Model
from resnet_bench.lambda_image.build import BuiltImage
from resnet_bench.lambda_image.layers import layer_sizes
from resnet_bench.lambda_image.push import push
from resnet_bench.report.image import GOAL_BYTES
from resnet_bench.units import MIB

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]

# Runs in the image, in the place of the runtime client: what is there, and what the handler answers to a photograph.
PROBE = """
import json, os, pathlib, stat, sys, types
root = pathlib.Path(os.environ["LAMBDA_TASK_ROOT"])
sys.path.insert(0, str(root))
files = list(root.rglob("*"))
import resnet_bench.handler as handler
answer = handler.handler(json.load(sys.stdin), types.SimpleNamespace(aws_request_id="1"))

def unchecked(module):
    "Whether its bytecode says that nothing compares it with the source (PEP 552)."
    return pathlib.Path(module.__cached__).read_bytes()[4:8] == bytes([1, 0, 0, 0])

print(json.dumps({
    "top": [path.name for path in root.iterdir()],
    "model": sorted(path.name for path in (root / "model").iterdir()),
    "closed": [str(path) for path in files if not path.stat().st_mode & stat.S_IROTH],
    "sources_count": sum(path.suffix == ".py" for path in files),
    "bytecode_count": sum(path.suffix == ".pyc" for path in files),
    "unchecked": [unchecked(sys.modules[name]) for name in ("resnet_bench.handler", "numpy", "onnxruntime")],
    "unneeded": [str(path) for path in files if path.name in ("tests", "include") or path.suffix == ".pyi"],
    "modules": list({name.partition(".")[0] for name in sys.modules}),
    "answer": answer,
}))
"""
NOT_FOR_LAMBDA = {"torch", "torchvision", "onnx", "typer", "rich", "httpx", "boto3", "botocore", "pandas", "uvicorn"}


@pytest.fixture(autouse=True)
def in_the_store(image_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in image_store.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def inside(image_store: Store, lambda_image: BuiltImage) -> Any:
    """What ``PROBE`` prints: run without network, on a file system that cannot be written to, and as nobody."""
    variables = ["--env=AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1024", "--env=AWS_LAMBDA_FUNCTION_NAME=resnet-bench"]
    options = ["--rm", "--interactive", "--network=none", "--read-only", "--user=nobody", *variables]
    command = ["podman", "run", *options, "--entrypoint=python3", lambda_image.name, "-c", PROBE]
    photo = json.dumps(event(PHOTO.read_bytes(), content_type="image/png"))
    # The handler prints its metrics first.
    return json.loads(image_store.run(*command, stdin=photo).splitlines()[-1])


def test_three_layers_lie_over_the_base_and_meet_the_goal(lambda_image: BuiltImage, lambda_base: str) -> None:
    packages, model, code = lambda_image.layers
    assert (packages.what, model.what, code.what) == ("packages", "model", "code")
    assert code.size_bytes < 2 * MIB
    # The weights twice: for this kind of processor, and for whichever Lambda gives.
    assert 2 * 97 * MIB < model.size_bytes < 2 * 99 * MIB
    assert lambda_image.over_base_bytes < GOAL_BYTES
    assert lambda_image.base == lambda_base
    assert lambda_image.base_bytes > 100 * MIB


def test_podman_and_buildah_agree_on_its_layers(lambda_image: BuiltImage) -> None:
    podman, buildah = (layer_sizes(find(wanted=name), lambda_image.id) for name in ("podman", "buildah"))
    # podman counts a layer's files as they lie on the disk, buildah as they are packed: some headers apart.
    assert len(podman) == len(buildah) == 4
    assert podman == pytest.approx(buildah, rel=0.01)


def test_its_configuration_is_the_bases_with_the_handlers_settings(
    image_store: Store, lambda_image: BuiltImage, model: Model
) -> None:
    (found,) = json.loads(image_store.run("podman", "image", "inspect", lambda_image.id))
    config = found["Config"]
    assert found["Architecture"] == "amd64"
    assert config["Entrypoint"] == ["/lambda-entrypoint.sh"]
    assert config["Cmd"] == ["resnet_bench.handler.handler"]
    assert config["WorkingDir"] == "/var/task"
    assert {
        "LAMBDA_TASK_ROOT=/var/task",
        "RESNET_BENCH_MODEL=/var/task/model",
        "RESNET_BENCH_ENGINE=onnx",
        "RESNET_BENCH_THREADS=auto",
    } <= set(config["Env"])
    labels = {name: text for name, text in config["Labels"].items() if not name.startswith("io.buildah")}
    assert labels == {
        "org.opencontainers.image.title": "resnet-bench",
        "org.opencontainers.image.description": "ResNet-50 behind an HTTP API event, as an AWS Lambda function",
        "org.opencontainers.image.version": __version__,
        "org.opencontainers.image.licenses": "MIT",
        "resnet-bench.engine": "onnx",
        "resnet-bench.weights": "random",
        "resnet-bench.weights.sha256": model.manifest.weights_sha256,
        "resnet-bench.trained": "false",
    }


def test_the_handler_in_it_answers_a_photograph(inside: Any) -> None:
    reply = inside["answer"]
    assert reply["statusCode"] == 200, reply
    answer = wire.decode_answer(reply["body"].encode())
    assert len(answer.predictions) == 5
    assert answer.runtime.engine == "onnx"
    assert answer.runtime.python.startswith("3.13.")


def test_it_runs_the_versions_that_run_here(inside: Any) -> None:
    versions = wire.decode_answer(inside["answer"]["body"].encode()).runtime.versions
    packages = {"onnxruntime": "onnxruntime", "numpy": "numpy", "pillow": "pillow"}
    assert versions == {name: importlib.metadata.version(package) for name, package in packages.items()}


def test_it_holds_no_torch_and_nothing_of_the_command_line(inside: Any) -> None:
    assert {"resnet_bench", "onnxruntime", "numpy", "PIL", "msgspec", "model"} <= set(inside["top"])
    assert not NOT_FOR_LAMBDA & {*inside["top"], *inside["modules"]}


def test_it_holds_the_engines_files_alone(inside: Any) -> None:
    graphs = ("resnet50.onnx", "resnet50.optimised.onnx")
    assert inside["model"] == sorted(["manifest.json", *graphs, *(f"{graph}.data" for graph in graphs)])


def test_all_of_it_may_be_read_by_lambdas_user(inside: Any) -> None:
    assert not inside["closed"]


def test_everything_is_compiled_and_what_is_never_imported_is_gone(inside: Any) -> None:
    assert inside["sources_count"] == inside["bytecode_count"] > 300
    assert inside["unchecked"] == [True, True, True]
    assert not inside["unneeded"]


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    with running_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


def test_a_push_gives_the_digest_that_the_registry_knows(lambda_image: BuiltImage, registered: Registry) -> None:
    digest = push(lambda_image, f"{registered.host}/team/resnet", "1", username=USERNAME, password=PASSWORD)
    manifest, known = registered.manifest("team/resnet", "1")
    assert digest == known
    assert manifest["config"]["digest"] == lambda_image.id
    assert len(manifest["layers"]) == 4
    # Lambda takes gzip, and neither zstd nor an index of several images.
    assert all(layer["mediaType"].endswith(("tar+gzip", "tar.gzip")) for layer in manifest["layers"])


def test_podman_pushes_by_name_too(lambda_image: BuiltImage, registered: Registry) -> None:
    podman = find(wanted="podman")
    repository = f"{registered.host}/team/other"
    digest = push(lambda_image.name, repository, "2", username=USERNAME, password=PASSWORD, tool=podman)
    assert registered.manifest("team/other", "2")[1] == digest


def test_a_wrong_password_is_a_refusal_that_does_not_name_the_registry(
    lambda_image: BuiltImage, registered: Registry
) -> None:
    with pytest.raises(ContainerError, match="the registry refused the push to team/resnet") as caught:
        push(lambda_image, f"{registered.host}/team/resnet", "3", username=USERNAME, password="wrong")
    assert "unauthorized" in caught.value.details
    assert registered.host not in caught.value.details


def test_a_registry_that_is_not_there_is_an_error(lambda_image: BuiltImage) -> None:
    with pytest.raises(ContainerError, match="pushing the image: buildah failed") as caught:
        push(lambda_image, "127.0.0.1:1/team/resnet", "1", username=USERNAME, password=PASSWORD)
    assert "can be reached" in caught.value.hint
