"""A stack as CloudFormation describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.errors import AwsError

# How the template's description ends: that of a stack which somebody else has made does not.
MARK = "made and removed by resnet-bench."


@dataclass(frozen=True)
class Stack:
    """``id`` is the ARN, by which a deleted stack can still be asked for; ``changed_at`` is ISO 8601."""

    id: str
    description: str
    status: str
    reason: str
    changed_at: str
    parameters: dict[str, str]
    outputs: dict[str, str]

    @property
    def ours(self) -> bool:
        """This program's template made it: no other may be changed or deleted."""
        return self.description.endswith(MARK)

    @property
    def in_progress(self) -> bool:
        """Something is going on that bars an update. A REVIEW only waits for somebody to run a change set."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def usable(self) -> bool:
        """Its outputs hold: made, updated, or back at what it was before an update that failed."""
        return self.status in {
            "CREATE_COMPLETE",
            "UPDATE_COMPLETE",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "IMPORT_COMPLETE",
            "IMPORT_ROLLBACK_COMPLETE",
        }

    @property
    def stillborn(self) -> bool:
        """Its creation failed or was never run: CloudFormation only lets it be deleted."""
        return self.status in {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"}


def describe(cloudformation: Any, name: str) -> Stack | None:
    """The stack of this name (or id), ``None`` if there is none in this region and account.

    Raises:
        AwsError: the call failed.
    """
    try:
        with aws_errors("cloudformation:DescribeStacks"):
            (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except AwsError as error:
        # CloudFormation has no error code of its own for it.
        if error.code == "ValidationError" and "does not exist" in error.message:
            return None
        raise
    return Stack(
        id=str(found["StackId"]),
        description=str(found.get("Description") or ""),
        status=str(found["StackStatus"]),
        reason=str(found.get("StackStatusReason") or ""),
        changed_at=_iso(found.get("LastUpdatedTime") or found["CreationTime"]),
        parameters={each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", ())},
        outputs={each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())},
    )


def _iso(moment: Any) -> str:
    return str(moment.isoformat(timespec="seconds"))
