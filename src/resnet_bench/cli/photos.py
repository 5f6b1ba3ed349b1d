"""The images of a run, checked before anything is started, and once more when it is over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from resnet_bench.characters import fit
from resnet_bench.cli.network import NetworkOptions
from resnet_bench.errors import ImageError, UsageError
from resnet_bench.inference import images
from resnet_bench.inference.exports.samples import in_folder
from resnet_bench.inference.image_ref import image_ref
from resnet_bench.inference.model import Samples
from resnet_bench.results.run import Caveat, ImageRef
from resnet_bench.runners.base import Photo
from resnet_bench.runners.request import check_size

CheckedPhoto = tuple[Photo, ImageRef]
_DEFAULT_FOLDER = Path("images")
_LINE_ENDS = re.compile(r"[\t\n\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}]")


def default_images() -> list[Path]:
    """Where none was given.

    Raises:
        UsageError: there are none.
    """
    found = sample_images()
    if not found:
        raise UsageError("no image was given, and there is none in images/", "name one: resnet-bench compare cat.jpg")
    return found


def sample_images() -> list[Path]:
    """Those of the folder that this program comes with, where it runs in its own repository."""
    return sorted(path for path in _DEFAULT_FOLDER.glob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})


def samples_for(asked: NetworkOptions) -> Samples:
    """What int8 is calibrated on: the images of a folder that was named, those in images/, or those to be classified.

    Raises:
        UsageError: the folder that was named has too few.
    """
    if asked.calibrate is not None:
        return Samples(in_folder(asked.calibrate), chosen=True)
    return Samples(tuple(str(path.absolute()) for path in sample_images() or asked.images))


def open_photos(paths: Sequence[Path], *, remote: bool) -> list[CheckedPhoto]:
    """The images to classify, checked before anything is started: there, whole, and small enough to send.

    Raises:
        ImageError: one of them is not.
        UsageError: two have the same name, which would mix their figures.
    """
    photos: list[CheckedPhoto] = []
    taken: set[str] = set()
    for path in paths:
        name = printable(path.name)
        if name in taken:
            raise UsageError(f"two images are called {name}", "give each file once, under a name of its own")
        taken.add(name)
        data = images.load(path)
        if remote:
            check_size(name, len(data))
        photos.append((Photo(name, str(path.absolute())), _inspect(name, data)))
    return photos


def printable(name: str) -> str:
    """A file's name may hold whatever but a slash; this is what it is called in tables and in the result file."""
    return _LINE_ENDS.sub("\N{REPLACEMENT CHARACTER}", fit(name))


def _inspect(name: str, data: bytes) -> ImageRef:
    """What the result file keeps of an image; decodes it, so that a damaged one is found before measuring."""
    try:
        decoded = images.decode(data)
    except ImageError as error:
        raise ImageError(f"{name}: {error.message}", error.hint, code=error.code) from None
    return image_ref(name, data, decoded)


def changed(photos: Sequence[CheckedPhoto]) -> Iterator[Caveat]:
    """Both sides read the files anew for each call: one that changed meanwhile was not the same for all."""
    for photo, image in photos:
        try:
            same = hashlib.sha256(images.load(photo.path)).hexdigest() == image.sha256
        except ImageError:
            same = False
        if not same:
            yield Caveat(
                code="image-changed",
                message=f"{photo.name} changed during the run: not all calls were on the same bytes",
                next_step="leave the images alone, and measure again",
            )
