"""The weights that torchvision publishes for ResNet-50: where they are and how to know them."""

from __future__ import annotations

import importlib.metadata
import re

import msgspec
from msgspec import Struct

from resnet_bench.errors import WeightsError
from resnet_bench.inference import cache
from resnet_bench.inference.files import replacing
from resnet_bench.unreadable import UNREADABLE

# Where torchvision's addresses lead, for whoever asks before torchvision has been asked.
HOST = "download.pytorch.org"


class Source(Struct, frozen=True):
    """Published weights: their address, the beginning of their SHA-256 and the resize that belongs to them."""

    url: str
    sha256_prefix: str
    resize: int

    @property
    def filename(self) -> str:
        return self.url.rsplit("/", 1)[-1]


class _Sources(Struct, frozen=True):
    torchvision: str
    by_name: dict[str, Source]


def sources() -> dict[str, Source]:
    """torchvision's published weights, by our names; remembered, because importing torchvision takes seconds.

    Raises:
        WeightsError: torchvision is not installed.
        SetupError: the cache cannot be written.
    """
    remembered = cache.subfolder(cache.root() / "weights") / "sources.json"
    try:
        installed = importlib.metadata.version("torchvision")
    except importlib.metadata.PackageNotFoundError as error:
        raise WeightsError(
            "torchvision, which knows the published weights, is not installed", "pip install torchvision"
        ) from error
    try:
        known = msgspec.json.decode(remembered.read_bytes(), type=_Sources)
    except (OSError, *UNREADABLE):
        known = None
    if known is None or known.torchvision != installed:
        known = _Sources(installed, _ask_torchvision())
        with cache.writing(remembered.parent), replacing(remembered) as temporary:
            temporary.write_bytes(msgspec.json.encode(known))
    return known.by_name


def _ask_torchvision() -> dict[str, Source]:
    from torchvision.models import ResNet50_Weights

    found = {}
    for name, member in (("v1", ResNet50_Weights.IMAGENET1K_V1), ("v2", ResNet50_Weights.IMAGENET1K_V2)):
        # The convention of torch.hub: the file's name ends in the first characters of its SHA-256.
        prefix = re.search(r"-([0-9a-f]{8,})\.", member.url)
        if prefix is None:
            raise WeightsError(f"torchvision's address of the {name} weights carries no hash: {member.url}")
        found[name] = Source(member.url, prefix[1], member.transforms().resize_size[0])
    return found
