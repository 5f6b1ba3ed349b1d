"""The CloudFormation template that comes with this program, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from resnet_bench.results.records import Decode

# Requests a second that the HTTP API's stage aims at, and at once. A sequential client whose calls take 50 ms stays
# below the first; a public address gets a quarter, because its owner pays for strangers.
SIGNED_RATE, SIGNED_BURST = 20, 40
PUBLIC_RATE, PUBLIC_BURST = 5, 10
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
    decode: Decode = "exact"

    @property
    def rate(self) -> int:
        """Requests a second that the API lets through for long."""
        return PUBLIC_RATE if self.public else SIGNED_RATE

    def parameters(self, image_uri: str = "") -> dict[str, str]:
        """The template's; without an image those of the first pass."""
        return {
            "ImageUri": image_uri,
            "MemorySize": str(self.memory_mb),
            "Engine": self.engine,
            "Decode": self.decode,
            "Architecture": self.architecture,
            "Authorization": "NONE" if self.public else "AWS_IAM",
            "ThrottleRate": str(self.rate),
            "ThrottleBurst": str(PUBLIC_BURST if self.public else SIGNED_BURST),
        }


def body() -> str:
    """The template's text."""
    return resources.files("resnet_bench.aws.stack").joinpath("template.yaml").read_text(encoding="utf-8")
