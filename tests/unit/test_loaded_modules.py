"""What a fresh process holds after the handler's import or a ``--help``: the price of a cold start, of a key press."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_bench.inference.model import Model

NOT_FOR_HELP = {"torch", "torchvision", "onnx", "onnxruntime", "openvino", "pandas", "boto3", "botocore", "msgspec"}
NOT_ON_LAMBDA = (NOT_FOR_HELP - {"onnxruntime", "msgspec"}) | {"typer", "rich", "httpx", "starlette", "uvicorn"}


def run(code: str, **environment: str) -> None:
    command = [sys.executable, "-c", code]
    variables = {**os.environ, **environment}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def loaded_after(code: str, folder: Path, **environment: str) -> set[str]:
    """The top-level packages that a fresh process holds after running ``code``."""
    report = folder / "modules.json"
    run(f"{code}\nimport json, sys\nopen({str(report)!r}, 'w').write(json.dumps(sorted(sys.modules)))", **environment)
    return {module.split(".")[0] for module in json.loads(report.read_text())}


def test_importing_the_handler_loads_nothing_that_lambda_does_not_need(model: Model, tmp_path: Path) -> None:
    loaded = loaded_after(
        "import resnet_bench.handler",
        tmp_path,
        RESNET_BENCH_MODEL=str(model.folder),
        RESNET_BENCH_ENGINE="onnx",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE="1024",
    )

    assert {"resnet_bench", "onnxruntime"} <= loaded
    assert not loaded & NOT_ON_LAMBDA


@pytest.mark.parametrize(
    "command",
    [
        "",
        "local",
        "remote",
        "compare",
        "explain",
        "tune",
        "load",
        "cost",
        "plan",
        "report",
        "serve",
        "emulate",
        "show",
        "diff",
        "engines",
        "doctor",
        "dashboard",
        "deploy",
        "status",
        "destroy",
    ],
)
def test_help_loads_none_of_the_heavy_packages(command: str, tmp_path: Path) -> None:
    arguments = ["resnet-bench", *([command] if command else []), "--help"]
    code = f"""
import sys
sys.argv = {arguments!r}
from resnet_bench.cli.main import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""
    loaded = loaded_after(code, tmp_path)
    assert "resnet_bench" in loaded
    assert not loaded & NOT_FOR_HELP
