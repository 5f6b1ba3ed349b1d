"""``image build`` and ``image push`` as processes; the container tool is a script, pip and moto's ECR are real."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import fake_tools
from aws_world import ENVIRONMENT, REGION, AwsWorld
from fake_wheels import make_wheel, serve_only
from program import run, started
from resnet_bench.inference.model import Model

BUILD = ("image", "build", "--weights", "random")
ACCOUNT = "123456789012"  # moto's
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/resnet-bench@sha256:{'0' * 64}"


@pytest.fixture
def wheels(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of an ONNX image; the model is ready too."""
    (tmp_path / "index").mkdir()
    for package in ("msgspec", "numpy", "pillow", "onnxruntime"):
        make_wheel(tmp_path / "index", package, importlib.metadata.version(package))
    serve_only(tmp_path / "index", monkeypatch)


@pytest.fixture
def aws(moto_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who has deployed the stack."""
    with AwsWorld(moto_url, None) as world:
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": world.url}
        done = run("deploy", "--image", IMAGE, "--yes", cwd=tmp_path, env=environment)
        assert done.code == 0, done.err
        yield environment


@pytest.mark.parametrize("command", ["build", "push"])
def test_the_help_shows_examples(command: str, tmp_path: Path) -> None:
    done = run("image", command, "--help", cwd=tmp_path)
    assert done.code == 0
    assert done.out.count(f"  resnet-bench image {command}") >= 2
    assert max(map(len, done.out.splitlines())) <= 80


def test_build_shows_what_each_layer_takes_and_the_goal(
    tmp_path: Path, wheels: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tools.install(tmp_path, monkeypatch)
    done = run(*BUILD, cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.out == (
        "resnet-bench:onnx-x86_64, onnx on x86_64, MB\n"
        "Layer          Contents                              Size\n"
        "─────────────────────────────────────────────────────────\n"
        "base           public.ecr.aws/lambda/python:3.13   95.4\n"
        "packages       engine and its libraries           143\n"
        "model          weights                             97.3\n"
        "code           the handler                          0.668\n"
        "over the base                                     241\n"
        "in all                                            336\n"
        "Sizes are of the files, uncompressed, as Lambda counts them.\n"
        "Goal of an ONNX image: under 350 MB over its base: reached.\n"
        "\n"
    )
    assert "downloading the image's packages" in done.err
    assert "building the image: #1 [build 1/4] FROM base" in done.err


def test_a_missed_goal_is_said(tmp_path: Path, wheels: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_tools, "LAYERS", (100_000_000, 300_000_000, 102_000_000, 700_000))
    fake_tools.install(tmp_path, monkeypatch)
    assert "under 350 MB over its base: missed." in run(*BUILD, "--quiet", cwd=tmp_path).out


def test_json_is_one_document_in_bytes(tmp_path: Path, wheels: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tools.install(tmp_path, monkeypatch)
    done = run(*BUILD, "--tag", "mine:1", "--arch", "arm64", "--json", cwd=tmp_path)
    assert json.loads(done.out) == {
        "name": "mine:1",
        "id": fake_tools.IMAGE_ID,
        "engine": "onnx",
        "architecture": "arm64",
        "base": "public.ecr.aws/lambda/python:3.13",
        "tool": "docker",
        "layers": [
            {"what": "packages", "size_bytes": 150_000_000},
            {"what": "model", "size_bytes": 102_000_000},
            {"what": "code", "size_bytes": 700_000},
        ],
        "base_bytes": 100_000_000,
        "over_base_bytes": 252_700_000,
        "size_bytes": 352_700_000,
    }


def test_an_unknown_processor_is_a_usage_error(tmp_path: Path) -> None:
    done = run(*BUILD, "--arch", "amd64", cwd=tmp_path)
    assert (done.code, done.error()) == (2, "--arch is amd64")


def test_without_a_container_tool_the_first_line_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run(*BUILD, cwd=tmp_path)
    assert (done.code, done.error()) == (3, "docker, podman or buildah is needed, and not installed")


def test_a_failed_build_shows_the_tools_last_words(
    tmp_path: Path, wheels: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tools.install(tmp_path, monkeypatch, failing="build", words="no space left on device")
    done = run(*BUILD, cwd=tmp_path)
    assert (done.code, done.error()) == (3, "building the image: docker failed with exit code 1")
    assert "  | the last words: no space left on device" in done.err


def test_ctrl_c_ends_a_build_and_leaves_nothing(tmp_path: Path, wheels: None, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text('#!/bin/sh\n[ "$1" = build ] && { echo "at work"; exec /bin/sleep 1000; }\necho 28.2.2\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(docker.parent))
    with started(*BUILD, folder=tmp_path) as running:
        running.wait_for("building the image: at work")
        assert running.end().code == 130
        running.assert_nothing_is_left()


def test_push_prints_the_digest_and_keeps_the_account_to_itself(
    tmp_path: Path, aws: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = fake_tools.install(tmp_path, monkeypatch)
    done = run("image", "push", cwd=tmp_path, env=aws)
    assert done.code == 0, done.err
    assert done.out == f"{fake_tools.DIGEST}\n"
    call = docker.call("push")
    assert docker.call("tag")["arguments"][1] == "resnet-bench:onnx-x86_64"
    assert call["arguments"][1].startswith(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/resnet-bench:20")
    assert list(call["config"]["auths"]) == [f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"]
    assert ACCOUNT not in done.out + done.err


def test_a_refused_push_says_where_to_look(
    tmp_path: Path, aws: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tools.install(tmp_path, monkeypatch, failing="push", words="denied: not authorized")
    done = run("image", "push", "mine:1", cwd=tmp_path, env=aws)
    assert (done.code, done.error()) == (3, "the registry refused the push to resnet-bench")
    assert ACCOUNT not in done.out + done.err


def test_a_push_without_a_stack_is_an_error_of_aws(
    tmp_path: Path, moto_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tools.install(tmp_path, monkeypatch)
    done = run("image", "push", "--stack", "other", cwd=tmp_path, env={**ENVIRONMENT, "AWS_ENDPOINT_URL": moto_url})
    assert done.code == 4
    assert "other" in done.error()
