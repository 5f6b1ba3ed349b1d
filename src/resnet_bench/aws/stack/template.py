"""The CloudFormation template that comes with this program, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

# Of the HTTP API's stage. One sequential client needs no more, and a public address can cost no more than this lets by.
THROTTLE_RATE = 5
THROTTLE_BURST = 10
# Those of the template: Lambda's own, in seconds, and what an HTTP API takes for a body.
TIMEOUT_S = 30
LARGEST_UPLOAD_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Wanted:
    """What ``deploy`` was asked for."""

    memory_mb: int
    engine: str
    architecture: str
    public: bool = False

    def parameters(self, image_uri: str = "") -> dict[str, str]:
        """The template's; without an image those of the first pass."""
        return {
            "ImageUri": image_uri,
            "MemorySize": str(self.memory_mb),
            "Engine": self.engine,
            "Architecture": self.architecture,
            "Authorization": "NONE" if self.public else "AWS_IAM",
            "ThrottleRate": str(THROTTLE_RATE),
            "ThrottleBurst": str(THROTTLE_BURST),
        }


def body() -> str:
    """The template's text."""
    return resources.files("resnet_bench.aws.stack").joinpath("template.yaml").read_text(encoding="utf-8")
