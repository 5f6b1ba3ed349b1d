"""The configuration of an emulated function: what Lambda would refuse is refused."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from resnet_bench.emulator.function import Function
from resnet_bench.errors import UsageError


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"memory_mb": 127}, "memory is 127 MB"),
        ({"memory_mb": 10_241}, "memory is 10241 MB"),
        ({"timeout_s": 0}, "the time-out is 0 s"),
        ({"timeout_s": -1}, "the time-out is -1 s"),
        ({"timeout_s": 901}, "the time-out is 901 s"),
        ({"timeout_s": float("nan")}, "the time-out is nan s"),
        ({"concurrency": 0}, "concurrency is 0"),
    ],
    ids=str,
)
def test_what_lambda_refuses_is_a_usage_error(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        Function("module.handler", **setting)
    assert caught.value.hint


@pytest.mark.parametrize("setting", [{"memory_mb": 128}, {"memory_mb": 10_240}, {"timeout_s": 900}, {"concurrency": 1}])
def test_the_limits_themselves_are_allowed(setting: dict[str, Any]) -> None:
    Function("module.handler", **setting)


def test_the_runtime_is_awss_own_python_client_unless_another_is_given() -> None:
    assert Function("module.handler").command == (sys.executable, "-m", "awslambdaric", "module.handler")
    assert Function("x", bootstrap=("node", "bootstrap.mjs")).command == ("node", "bootstrap.mjs")


def test_the_functions_own_variables_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the user's own")
    function = Function("module.handler", variables={"TZ": "Europe/Berlin", "MINE": "1"})
    seen = function.environ(runtime_api="127.0.0.1:1", log_stream="stream", temporary_folder="folder")
    assert (seen["TZ"], seen["MINE"], seen["TMPDIR"]) == ("Europe/Berlin", "1", "folder")
    assert seen["AWS_LAMBDA_RUNTIME_API"] == "127.0.0.1:1"
    assert "the user's own" not in seen.values()


@pytest.mark.parametrize(
    ("settings", "command"),
    [
        ({"handler": ""}, ("image:1",)),
        ({"handler": "app.handler"}, ("image:1", "app.handler")),
        ({"handler": "", "bootstrap": ("node", "main.mjs")}, ("image:1", "node", "main.mjs")),
    ],
)
def test_an_image_starts_as_it_says_unless_told_otherwise(settings: dict[str, Any], command: tuple[str, ...]) -> None:
    assert Function(image="image:1", **settings).command == command


def test_an_image_gets_lambdas_variables_and_none_that_only_mean_something_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/here")
    function = Function("", image="image:1", variables={"RESNET_BENCH_THREADS": "1"})
    variables = function.environ(runtime_api="127.0.0.1:1", log_stream="stream", temporary_folder="/tmp/here")
    assert not {"PATH", "PYTHONPATH", "LANG", "TMPDIR", "_HANDLER"} & variables.keys()
    assert variables["LAMBDA_TASK_ROOT"] == "/var/task"
    assert (variables["AWS_LAMBDA_RUNTIME_API"], variables["RESNET_BENCH_THREADS"]) == ("127.0.0.1:1", "1")
