"""``compare --resume``: an interrupted run's file, its images and its sides found again, and the run gone on with."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from resnet_bench.benchmark.checks import CODES
from resnet_bench.benchmark.diff import Unlike
from resnet_bench.benchmark.resumption import (
    TORN,
    Rest,
    other_answers,
    other_deployment,
    other_machine,
    rest,
)
from resnet_bench.benchmark.schedule import both_sides, plan
from resnet_bench.cli.photos import printable, sample_images
from resnet_bench.errors import ImageError, ResnetBenchError, ResultError, UsageError
from resnet_bench.inference import images as image_files
from resnet_bench.results.claims import Claim
from resnet_bench.results.environment import here
from resnet_bench.results.files import ResultWriter
from resnet_bench.results.journal import TORN_LINE
from resnet_bench.results.records import Sample, Skipped
from resnet_bench.results.run import ImageRef, Run, Seam

_PUT_BACK = "put that back as it was and resume again, or measure anew without --resume"
_NAME_IT = "say where the images are, behind the options, or measure anew without --resume"
_GONE = Skipped("the emulated Lambda that knew it ended when the run was interrupted")


@dataclass(frozen=True)
class Resumed:
    """An interrupted comparison in hand, and what is left of it."""

    claim: Claim
    rest: Rest

    @classmethod
    def of(cls, claim: Claim) -> Resumed:
        """
        Raises:
            UsageError: it is no comparison.
            ResultError: this machine is not the one that it was begun on, or not as it was.
        """
        run = claim.run
        asked = run.settings
        if asked.command != "compare":
            raise UsageError(
                f"the run was made by resnet-bench {asked.command}", "only those of compare can be gone on with"
            )
        require_alike(other_machine(run.environment, here()))
        whole = plan(
            both_sides(asked.engines),
            images=len(run.images),
            runs=asked.runs,
            warmup=asked.warmup,
            cold=asked.cold,
            seed=asked.seed,
        )
        left = rest(whole, run.samples, images=len(run.images), warmup=asked.warmup, seed=asked.seed)
        return cls(claim, left)

    @property
    def since_grid_s(self) -> float | None:
        """How long ago, by the wall clock, the first of the calls began that are held to a grid."""
        first = next((sample for sample in self.claim.run.samples if sample.phase == "warm"), None)
        if first is None:
            return None
        return (datetime.now(UTC) - datetime.fromisoformat(first.started_at)).total_seconds()

    def writer(self, now: Run, samples: Iterator[Sample]) -> tuple[ResultWriter, list[Sample]]:
        """Where the run goes on, and the first of ``samples``, which had to be measured before it could.

        ``now`` is the run as it would begin today. Until the sides have shown by their answers that they are what they
        were, nothing is written.

        Raises:
            ResultError: they are not, or it cannot be written.
            ResnetBenchError: a side does not answer.
        """
        before = self.claim.run
        require_alike(other_deployment(before.deployment, now.deployment))
        try:
            first = list(islice(samples, len(self.rest.schedule.blocks[0].calls)))
        except (ResnetBenchError, KeyboardInterrupt) as error:
            error.add_note("nothing was added to the run, which can be resumed as before")
            raise
        require_alike(other_answers(before.samples, first))
        seam = Seam(
            resumed_at=now.created_at,
            after_count=len(self.rest.kept),
            load_1m=now.environment.load_1m,
            aside=self.rest.aside,
            reason=TORN if self.rest.aside else "",
        )
        return ResultWriter(self._gone_on_with(seam), resumes=self.claim), first

    def finisher(self) -> ResultWriter:
        """For a run of which all was measured and whose end is missing."""
        return ResultWriter(self._gone_on_with(), resumes=self.claim)

    def completed(
        self, samples: Sequence[Sample], complete: Callable[[Sequence[Sample]], list[Sample]]
    ) -> list[Sample]:
        """With what arrives late; an emulated Lambda took what it knew with it."""
        emulated = self.claim.run.deployment is not None and self.claim.run.deployment.kind == "emulated"
        known = len(self.rest.kept) if emulated else 0
        return [*map(_orphaned, samples[:known]), *complete(samples[known:])]

    def _gone_on_with(self, *seams: Seam) -> Run:
        """The run until now, without the doubts that its end gave or its samples give again."""
        before = self.claim.run
        lasting = tuple(one for one in before.caveats if one.code not in {TORN_LINE, *CODES})
        return replace(
            before,
            samples=self.rest.kept,
            caveats=lasting,
            seams=(*before.seams, *seams),
            finished=False,
        )


def _orphaned(sample: Sample) -> Sample:
    late = {
        name: _GONE
        for name in ("trace", "report")
        if isinstance(value := getattr(sample, name), Skipped) and value.pending
    }
    return replace(sample, **late) if late else sample


def require_alike(unlike: Sequence[Unlike], hint: str = _PUT_BACK) -> None:
    """
    Raises:
        ResultError: something is not as it was when the run was begun.
    """
    if unlike:
        listed = "; ".join(f"{one.what}: {one.before} -> {one.after}" for one in unlike)
        raise ResultError(f"the run cannot be gone on with here, since not all is as it was ({listed})", hint)


def images_again(wanted: Sequence[ImageRef], given: Sequence[Path]) -> list[Path]:
    """The files that the run was begun with, by name and content: among those given, in images/, or in this folder.

    Raises:
        ResultError: one of them is not there, or is another file by now.
        UsageError: one that was given is none of them.
    """
    names = {image.name for image in wanted}
    for path in given:
        if (name := printable(path.name)) not in names:
            raise UsageError(f"{name} is none of the run's images", f"those are {', '.join(sorted(names))}")
    found: list[Path] = []
    unlike: list[Unlike] = []
    for image in wanted:
        places = [path for path in (*given, *sample_images(), Path(image.name)) if printable(path.name) == image.name]
        hashes = {path: sha for path in places if (sha := _sha256(path)) is not None}
        same = [path for path, sha in hashes.items() if sha == image.sha256]
        if same:
            found.append(same[0])
        else:
            now = next((f"SHA-256 {sha[:12]}" for sha in hashes.values()), "not found here")
            unlike.append(Unlike(image.name, f"SHA-256 {image.sha256[:12]}", now))
    require_alike(unlike, _NAME_IT)
    return found


def resume_command(place: Path, wanted: Sequence[ImageRef], begun_with: Sequence[str]) -> str:
    """What goes on with the run in ``place`` from this folder; it names the images where they would not be found."""
    try:
        images_again(wanted, ())
        named: Sequence[str] = ()
    except ResultError:
        named = begun_with
    return shlex.join(["resnet-bench", "compare", "--resume", str(place), *named])


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(image_files.load(path)).hexdigest()
    except ImageError:
        return None
