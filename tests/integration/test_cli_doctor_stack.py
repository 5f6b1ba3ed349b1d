"""What the self-check says of a stack that is named, with moto and the emulated Lambda in AWS's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from aws_world import ENVIRONMENT, KEY, SECRET, AwsWorld
from emulated import limiter, report_number, reports
from examined import only
from moto_server import reset
from program import run
from resnet_bench.cli.far_side import far_side
from resnet_bench.cli.options import RemoteOptions
from resnet_bench.cli.progress import SilentDisplay
from resnet_bench.cli.targets.emulated import HANDLER, handler_variables
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.inference.model import Model
from resnet_bench.results.diagnosis import Finding
from stack_commands import IMAGE

STACK = "resnet-bench"
DENIED = 403, {"content-type": "application/json"}, b'{"message": "no", "__type": "AccessDeniedException"}'


def looked_at(stack: str) -> list[Finding]:
    return list(far_side(RemoteOptions(stack=stack), SilentDisplay()))


def test_a_stack_is_called_once_and_asked_for_what_arrives_late(
    model: Model, moto_session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reset(moto_session)
    variables = handler_variables(model, "onnx", "auto")
    function = Function(HANDLER, name=STACK, variables=variables, task_root=str(model.folder))
    with EmulatedLambda(function, limiter()) as emulated, AwsWorld(moto_session, emulated) as world:
        settings = {**ENVIRONMENT, "AWS_ENDPOINT_URL": world.url}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        assert [one.verdict for one in looked_at(STACK)] == ["fault"]  # there is none
        done = run("deploy", "--image", IMAGE, "--yes", cwd=tmp_path, env=settings)
        assert done.code == 0, done.err
        found = looked_at(STACK)
        assert [(one.what, one.verdict) for one in found] == [
            (f"stack {STACK}", "ok"),
            ("X-Ray traces", "ok"),
            ("the log's REPORT lines", "ok"),
        ]
        report_number(emulated, 0)  # which is written after its answer
        assert len(reports(emulated)) == 1
        world.trouble = lambda line: DENIED if line.startswith("xray ") else None
        denied = only(looked_at(STACK), what="X-Ray traces")
    assert denied.verdict == "doubt"
    assert "AWS denied it" in denied.told
    assert [word for word in (KEY, SECRET, "arn:aws", "123456789012") if word in f"{found}{denied}"] == []
