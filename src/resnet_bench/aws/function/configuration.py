"""A Lambda function's configuration as this program reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from resnet_bench.aws.access.failures import aws_errors


@dataclass(frozen=True)
class Configuration:
    """One answer of GetFunctionConfiguration.

    ``variables`` may hold secrets: they are in no ``repr`` and go into no message. ``unreadable`` is AWS's code if it
    could not decrypt them, in which case they are missing here and not on the function. ``image_sha256`` is the digest
    of the code, which for an image is the image's. ``log_group`` is the default one unless another is configured.
    """

    memory_mb: int
    timeout_s: float
    architecture: str
    tracing: str
    log_group: str
    last_modified: str
    image_sha256: str
    revision: str | None
    state: str
    update: str
    reason: str
    unreadable: str | None
    variables: dict[str, str] = field(repr=False)

    @property
    def settled(self) -> bool:
        """Whether no change is under way: the next call meets what is configured, and another change is accepted."""
        return self.update != "InProgress" and self.state != "Pending"


def read_configuration(client: Any, name: str) -> Configuration:
    """
    Raises:
        AwsError: the call failed, or there is no such function.
    """
    with aws_errors("lambda:GetFunctionConfiguration"):
        answer = client.get_function_configuration(FunctionName=name)
    environment = answer.get("Environment") or {}
    unreadable = environment.get("Error")
    return Configuration(
        memory_mb=int(answer["MemorySize"]),
        timeout_s=float(answer["Timeout"]),
        architecture=(answer.get("Architectures") or ["x86_64"])[0],
        tracing=(answer.get("TracingConfig") or {}).get("Mode", "PassThrough"),
        log_group=(answer.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{answer['FunctionName']}",
        last_modified=answer.get("LastModified", ""),
        image_sha256=answer.get("CodeSha256", ""),
        revision=answer.get("RevisionId"),
        state=answer.get("State", "Active"),
        update=answer.get("LastUpdateStatus", "Successful"),
        reason=answer.get("LastUpdateStatusReason") or answer.get("LastUpdateStatusReasonCode") or "no reason given",
        unreadable=str(unreadable.get("ErrorCode") or "unknown") if unreadable else None,
        variables=dict(environment.get("Variables") or {}),
    )
