"""The image that ``deploy`` builds and pushes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.stack.deployment import Push
    from resnet_bench.cli.network import NetworkOptions
    from resnet_bench.cli.progress import Display
    from resnet_bench.container.tools import Tool
    from resnet_bench.lambda_image import Architecture


@dataclass(frozen=True)
class Supply:
    """What goes into the image, and the tool, which was found to work before anything was made."""

    account: Account
    engine: str
    architecture: Architecture
    weights: str
    network: NetworkOptions
    base: str | None
    tool: Tool

    def built(self, shown: Display) -> Push:
        """Build the image, before anything is made on AWS; what is returned pushes it.

        Raises:
            SetupError: weights, engine or container tool failed.
        """
        from resnet_bench.aws.registry import login
        from resnet_bench.cli.preparing import prepared
        from resnet_bench.lambda_image.build import build
        from resnet_bench.lambda_image.push import push

        model = prepared(self.weights, [self.engine], self.network, shown)
        image = build(
            self.engine,
            model.folder,
            architecture=self.architecture,
            base=self.base,
            decode=self.network.decode or "exact",
            tool=self.tool,
            progress=shown,
        )

        def pushed(repository_uri: str) -> str:
            given = login(self.account)
            digest = push(
                image, repository_uri, self._tag(), username=given.username, password=given.password, progress=shown
            )
            return f"{repository_uri}@{digest}"

        return pushed

    def _tag(self) -> str:
        """New each time, because the repository lets no tag be moved."""
        return f"{self.engine}-{self.architecture}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
