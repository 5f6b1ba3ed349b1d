"""Photographs to try: files of the user's that the page offers, and small pictures of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resnet_bench.errors import UsageError
from resnet_bench.inference import images
from resnet_bench.runners.request import check_size

_THUMBNAIL = 160


@dataclass(frozen=True)
class Gallery:
    """``paths`` by their file names, which are the only names by which anything of them can be asked for."""

    paths: dict[str, Path]
    _thumbnails: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Gallery:
        """
        Raises:
            ImageError: one of them is no image, or too large for a Lambda.
            UsageError: two have the same name.
        """
        found: dict[str, Path] = {}
        for path in paths:
            if path.name in found:
                raise UsageError(f"two images are called {path.name}", "give each file once, under a name of its own")
            data = images.load(path)
            check_size(path.name, len(data))
            images.read_header(data)
            found[path.name] = path.absolute()
        return cls(found)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.paths)

    def photo(self, name: str) -> bytes:
        """
        Raises:
            KeyError: there is none of that name.
            ImageError: it cannot be read any more.
        """
        return images.load(self.paths[name])

    def thumbnail(self, name: str) -> bytes:
        """A JPEG of at most 160 pixels a side, made once.

        Raises:
            KeyError, ImageError: as ``photo``.
        """
        if name not in self._thumbnails:
            picture = images.decode(self.photo(name)).image
            picture.thumbnail((_THUMBNAIL, _THUMBNAIL))
            file = io.BytesIO()
            picture.save(file, "jpeg", quality=80)
            self._thumbnails[name] = file.getvalue()
        return self._thumbnails[name]
