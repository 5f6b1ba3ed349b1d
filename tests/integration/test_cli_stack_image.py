"""``deploy`` with an image of its own: built first, pushed between the two passes. The container tool is a script."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

import fake_tools
from aws_world import REGION
from fake_wheels import make_wheel, serve_only
from program import started
from resnet_bench.inference.model import Model
from stack_commands import ACCOUNT, Aws

REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/resnet-bench"
DEPLOY = ("deploy", "--weights", "random", "--yes")


@pytest.fixture(autouse=True)
def wheels(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index").mkdir()
    for package in ("msgspec", "numpy", "pillow", "onnxruntime"):
        make_wheel(tmp_path / "index", package, importlib.metadata.version(package))
    serve_only(tmp_path / "index", monkeypatch)


def position(aws: Aws, action: str) -> int:
    return next(index for index, line in enumerate(aws.world.calls) if line.endswith(action))


def changed(aws: Aws) -> list[str]:
    return [line for line in aws.world.calls if line.endswith(("CreateStack", "UpdateStack", "DeleteStack"))]


def test_the_image_is_built_before_anything_is_made_and_runs_by_its_digest(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = fake_tools.install(aws.folder, monkeypatch)
    done = aws.run(*DEPLOY)
    assert done.code == 0, done.err
    assert done.err.index("building the image") < done.err.index("resnet-bench: create complete")
    assert position(aws, "CreateStack") < position(aws, "GetAuthorizationToken") < position(aws, "UpdateStack")
    function = aws.client("lambda").get_function(FunctionName="resnet-bench")
    assert function["Code"]["ImageUri"] == f"{REPOSITORY}@{fake_tools.DIGEST}"
    target = docker.call("push")["arguments"][1]
    assert target.startswith(f"{REPOSITORY}:onnx-x86_64-20")
    again = aws.run(*DEPLOY)
    assert again.code == 0, again.err
    assert "another image" in again.out  # by the plan, which is made before the build
    assert len(changed(aws)) == 3


def test_a_push_that_fails_leaves_nothing_on_aws(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tools.install(aws.folder, monkeypatch, failing="push", words="denied: not authorized")
    done = aws.run(*DEPLOY)
    assert (done.code, done.error()) == (3, "the registry refused the push to resnet-bench")
    assert "the stack resnet-bench, made by this deployment, has been deleted again" in done.err
    assert not any(aws.made().values())


def test_a_build_that_fails_makes_nothing_on_aws(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tools.install(aws.folder, monkeypatch, failing="build", words="no space left on device")
    done = aws.run(*DEPLOY)
    assert done.code == 3
    assert "no space left on device" in done.err
    assert changed(aws) == []


def test_without_a_container_tool_nothing_is_begun(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(aws.folder))
    done = aws.run(*DEPLOY)
    assert (done.code, "docker, podman or buildah" in done.error()) == (3, True)
    assert changed(aws) == []


def test_ctrl_c_during_the_push_says_what_is_there_and_how_to_remove_it(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = fake_tools.install(aws.folder, monkeypatch).folder / "bin" / "docker"
    lasting = 'elif arguments[0] == "push":\n    __import__("time").sleep(1000)'
    docker.write_text(docker.read_text().replace('elif arguments[0] == "push":', lasting))
    with started(*DEPLOY, folder=aws.folder, env=aws.environment) as running:
        running.wait_for("pushing the image")
        done = running.end()
        running.assert_nothing_is_left()
    assert done.code == 130
    assert "the stack resnet-bench exists, without a function" in done.err
    assert "resnet-bench destroy --stack resnet-bench" in done.err
    assert aws.made()["functions"] == []
    assert aws.run("status").code == 0
    assert aws.run("destroy", "--yes").code == 0
    assert not any(aws.made().values())
