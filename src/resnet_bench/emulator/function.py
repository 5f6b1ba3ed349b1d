"""What is deployed on the emulated Lambda: one function and its configuration."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field

from resnet_bench.errors import UsageError
from resnet_bench.sandbox.allowance import MAX_MB, MIN_MB, Allowance
from resnet_bench.sandbox.environment import inherited_variables

REGION = "us-east-1"
# An account that cannot exist, so that no saved document can be mistaken for one of a real account.
ACCOUNT_ID = "000000000000"
MAX_TIMEOUT_S = 900.0
# Lambda's limit for initialisation, container images included (AWS Lambda developer guide, "Lambda quotas").
INIT_LIMIT_S = 10.0
_IMAGE_TASK_ROOT = "/var/task"


@dataclass(frozen=True)
class Function:
    """A function's configuration.

    ``bootstrap`` is the command that speaks the Runtime API: AWS's own Python client unless another is given.
    A function from an ``image`` needs the limiter ``sandbox.limits.container``. It starts as the image says; a
    ``handler`` that is not empty replaces the image's command.
    ``concurrency`` bounds the environments that may exist at once; ``idle_s`` is how long an idle one is kept.
    """

    handler: str
    memory_mb: int = 1024
    timeout_s: float = 30.0
    name: str = "resnet-bench"
    concurrency: int = 10
    idle_s: float = 600.0
    init_limit_s: float = INIT_LIMIT_S
    bootstrap: tuple[str, ...] = ()
    image: str | None = None
    task_root: str = field(default_factory=os.getcwd)
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not MIN_MB <= self.memory_mb <= MAX_MB:
            raise UsageError(f"memory is {self.memory_mb} MB", f"Lambda allows {MIN_MB} to {MAX_MB} MB")
        if not 0 < self.timeout_s <= MAX_TIMEOUT_S:
            raise UsageError(f"the time-out is {self.timeout_s:g} s", f"Lambda allows up to {MAX_TIMEOUT_S:g} s")
        if self.concurrency < 1:
            raise UsageError(f"concurrency is {self.concurrency}", "give 1 or more")

    @property
    def allowance(self) -> Allowance:
        return Allowance(self.memory_mb)

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{self.name}"

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"

    @property
    def command(self) -> tuple[str, ...]:
        """What the sandbox runs; of an image, its name first."""
        if self.image is not None:
            return (self.image, *self.bootstrap) if self.bootstrap or not self.handler else (self.image, self.handler)
        return self.bootstrap or (sys.executable, "-m", "awslambdaric", self.handler)

    def environ(self, *, runtime_api: str, log_stream: str, temporary_folder: str) -> dict[str, str]:
        """The environment variables of one execution environment (developer guide, "Defined runtime variables").

        An image brings its own, and nothing of this machine's is of use to it.
        """
        if self.image is not None:
            places = {"LAMBDA_TASK_ROOT": _IMAGE_TASK_ROOT}
        else:
            places = inherited_variables() | {"TMPDIR": temporary_folder, "LAMBDA_TASK_ROOT": self.task_root}
        return places | {
            "TZ": ":UTC",
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": self.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **({"_HANDLER": self.handler} if self.handler else {}),
            **self.variables,
        }
