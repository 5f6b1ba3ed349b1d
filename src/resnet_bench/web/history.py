"""What was classified since the server began: for all who look at it the same, and in memory only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace as changed

from msgspec.structs import replace

from resnet_bench.benchmark.checks import check
from resnet_bench.results.records import Answer, Sample
from resnet_bench.results.run import ImageRef, Run
from resnet_bench.web.classification import Classification
from resnet_bench.web.uploads import Upload

# Older ones make room: a page that is left open for months must not fill memory.
KEPT = 500


class History:
    """``begun`` is the run before its first sample."""

    def __init__(self, begun: Run) -> None:
        self.begun = begun
        self.all: deque[Classification] = deque(maxlen=KEPT)
        self._last = self._saved = 0

    def begin(self, upload: Upload, *, cold: bool) -> tuple[Classification, Upload]:
        """One more classification, which waits for its turn; its image under the name that it has here."""
        named = changed(upload, image=named_among(upload.image, [one.image for one in self.all]))
        self._last += 1
        one = Classification(self._last, named.image, cold, ahead_count=len(self.unanswered))
        self.all.append(one)
        return one, named

    def find(self, number: str) -> Classification | None:
        """``number`` as it stands in an address, where it may be anything."""
        return next((one for one in self.all if str(one.number) == number), None)

    @property
    def waiting(self) -> list[Classification]:
        """Those whose turn is still to come, in its order."""
        return [one for one in self.all if one.state == "queued"]

    @property
    def unanswered(self) -> list[Classification]:
        return [one for one in self.all if not one.answered]

    @property
    def unsaved_count(self) -> int:
        """Classifications whose figures end with this server."""
        return sum(bool(one.samples) and one.number > self._saved for one in self.all)

    def save(self, write: Callable[[Run], str]) -> str:
        """What ``write`` makes of the run as it is now."""
        run = self.run()
        name = write(run)
        self._saved = max(sample.pair for sample in run.samples) + 1
        return name

    def run(self) -> Run:
        """All that was measured, as a result, with its doubts."""
        ones = tuple(self.all)  # in one step: another thread may add to them meanwhile
        samples = tuple(sample for one in ones for sample in one.samples)
        images = {one.image.name: one.image for one in ones if one.samples}
        settings = replace(self.begun.settings, runs=_pairs(samples, "warm"), cold=_pairs(samples, "cold"))
        run = replace(self.begun, samples=samples, images=tuple(images.values()), settings=settings, finished=True)
        return replace(run, caveats=tuple(check(run)))


def named_among(image: ImageRef, known: Sequence[ImageRef]) -> ImageRef:
    """``image`` under its own name, numbered where other bytes among ``known`` have taken that."""
    taken = {each.name: each.sha256 for each in known}
    stem, dot, ending = image.name.rpartition(".") if "." in image.name[1:] else (image.name, "", "")
    number, name = 2, image.name
    while taken.get(name, image.sha256) != image.sha256:
        name = f"{stem} ({number}){dot}{ending}"
        number += 1
    return replace(image, name=name)


def in_its_phase(sample: Sample) -> Sample:
    """A call is cold or warm by what it met, whatever was asked for: environments end by themselves, too."""
    if not isinstance(sample.outcome, Answer):
        return sample
    return replace(sample, phase="cold" if sample.outcome.identity.cold_start else "warm")


def _pairs(samples: tuple[Sample, ...], phase: str) -> int:
    """Pairs that both sides have answered in this phase."""
    both = [
        {sample.pair for sample in samples if sample.side == side and sample.phase == phase}
        for side in ("local", "remote")
    ]
    return len(both[0] & both[1])
