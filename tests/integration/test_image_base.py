"""The base image of the tests: what they take for granted about AWS's."""

from __future__ import annotations

import json

import pytest

from image_store import Store

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]


def test_the_base_image_has_awss_conventions(image_store: Store, lambda_base: str) -> None:
    (found,) = json.loads(image_store.run("podman", "image", "inspect", lambda_base))
    assert found["Config"]["Entrypoint"] == ["/lambda-entrypoint.sh"]
    assert found["Config"]["WorkingDir"] == "/var/task"
    assert "LAMBDA_TASK_ROOT=/var/task" in found["Config"]["Env"]
    run = ("podman", "run", "--rm", "--network=none", "--entrypoint=python3", lambda_base, "-c")
    code = "import sys; sys.path.append('/var/runtime'); import awslambdaric; print(sys.version_info[:2])"
    assert image_store.run(*run, code).strip() == "(3, 13)"
