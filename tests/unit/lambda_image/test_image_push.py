"""Pushing with a script in the place of docker: where the credentials are, and where they are not."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

import fake_tools
from resnet_bench.errors import ContainerError
from resnet_bench.lambda_image.push import push

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
REPOSITORY = f"{HOST}/resnet-bench"
PASSWORD = "twelve-hours"


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's docker settings: a context that was chosen, and a login of their own."""
    folder = tmp_path / "own"
    (folder / "contexts" / "meta").mkdir(parents=True)
    settings = {"currentContext": "elsewhere", "credsStore": "desktop", "auths": {"registry.example": {}}}
    (folder / "config.json").write_text(json.dumps(settings))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder


def pushed(**changes: str) -> str:
    return push("resnet-bench:onnx-x86_64", REPOSITORY, "1", username="AWS", password=PASSWORD, **changes)


def test_docker_tags_pushes_and_tells_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = fake_tools.install(tmp_path, monkeypatch)
    assert pushed() == fake_tools.DIGEST
    assert docker.call("tag")["arguments"] == ["tag", "resnet-bench:onnx-x86_64", f"{REPOSITORY}:1"]
    assert docker.call("push")["arguments"] == ["push", f"{REPOSITORY}:1"]


def test_the_credentials_are_in_a_folder_of_this_users_alone_and_for_the_push_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_settings: Path
) -> None:
    before = (own_settings / "config.json").read_text()
    docker = fake_tools.install(tmp_path, monkeypatch)
    pushed()
    call = docker.call("push")
    assert call["config"]["auths"] == {HOST: {"auth": base64.b64encode(b"AWS:twelve-hours").decode()}}
    assert call["mode"] == 0o700
    assert not Path(call["folder"]).exists()
    assert (own_settings / "config.json").read_text() == before
    assert not any(PASSWORD in argument for call in docker.calls("push") for argument in call["arguments"])


def test_it_is_the_docker_that_the_user_has_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = fake_tools.install(tmp_path, monkeypatch)
    pushed()
    call = docker.call("push")
    assert call["config"]["currentContext"] == "elsewhere"
    assert call["contexts"] == ["meta"]


@pytest.mark.parametrize("text", [None, "", "{", '{"currentContext": 1}', "[]"])
def test_a_user_without_readable_docker_settings_can_push(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_settings: Path, text: str | None
) -> None:
    (own_settings / "config.json").unlink()
    if text is not None:
        (own_settings / "config.json").write_text(text)
    docker = fake_tools.install(tmp_path, monkeypatch)
    assert pushed() == fake_tools.DIGEST
    assert "currentContext" not in docker.call("push")["config"]


@pytest.mark.parametrize("words", ["denied: User is not authorized", "unauthorized: authentication required"])
def test_a_refusal_says_where_to_look_and_not_whose_account_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    fake_tools.install(tmp_path, monkeypatch, failing="push", words=f"{HOST}: {words}")
    with pytest.raises(ContainerError, match="the registry refused the push to resnet-bench") as caught:
        pushed()
    assert words in caught.value.details
    told = caught.value.message + caught.value.hint + caught.value.details
    assert "123456789012" not in told
    assert PASSWORD not in told


def test_an_image_that_is_not_here_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tools.install(tmp_path, monkeypatch, failing="tag", words="No such image: resnet-bench:onnx-x86_64")
    with pytest.raises(ContainerError, match="naming the image: docker failed") as caught:
        pushed()
    assert "No such image" in caught.value.details


def test_a_push_that_tells_no_digest_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_tools, "DIGEST", "none")
    fake_tools.install(tmp_path, monkeypatch)
    with pytest.raises(ContainerError, match="docker did not tell the digest of resnet-bench:1"):
        pushed()


class Interrupting:
    """Ctrl-C while the tool is at work; ``told`` is what was shown before."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def step(self, text: str, fraction: float | None = None) -> None:
        self.told.append(text)
        if "refers to repository" in text:
            raise KeyboardInterrupt


def test_ctrl_c_takes_the_credentials_away_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = fake_tools.install(tmp_path, monkeypatch)
    progress = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        push("image", REPOSITORY, "1", username="AWS", password=PASSWORD, progress=progress)
    assert not Path(docker.call("push")["folder"]).exists()
    assert "[registry]/resnet-bench" in progress.told[-1]
    assert not any(HOST in text for text in progress.told)
