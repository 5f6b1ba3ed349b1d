"""A comparison measured and shown: begun anew, or gone on with where it was interrupted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from resnet_bench.benchmark.checks import check
from resnet_bench.benchmark.diff import Unlike
from resnet_bench.benchmark.schedule import Schedule
from resnet_bench.cli.begun import Given, options_of, refuse_contradictions
from resnet_bench.cli.options import OutputOptions, SideOptions
from resnet_bench.cli.output import saved_at, show_run
from resnet_bench.cli.photos import CheckedPhoto, open_photos
from resnet_bench.cli.progress import display
from resnet_bench.cli.resuming import Resumed, images_again, require_alike
from resnet_bench.cli.session import Session
from resnet_bench.cli.targets import target_for
from resnet_bench.cli.targets.base import Target
from resnet_bench.cli.variants import Asked
from resnet_bench.report.names import listed
from resnet_bench.results.claims import claim
from resnet_bench.results.run import Settings


@dataclass(frozen=True)
class Comparison:
    sides: SideOptions
    target: Target
    settings: Settings
    schedule: Schedule
    photos: Sequence[CheckedPhoto]
    output: OutputOptions

    def measure(self, resumed: Resumed | None = None) -> None:
        """Measure, and show the whole run."""
        engines, interval_s = self.settings.engines, self.settings.interval_s
        with Session(self.sides, engines, display(quiet=self.output.quiet), interval_s=interval_s) as session:
            for name in engines:
                session.add_local(name)
                session.add_remote(self.target, name)
            run, saved = session.measure(self.schedule, self.settings, self.photos, self.output, resumed=resumed)
        # A long watch ends with the platform's own view of it.
        with saved_at(saved):
            began_s = datetime.fromisoformat(run.samples[0].started_at).timestamp()
            metrics = self.target.metrics(began_s, time.time()) if interval_s else ()
        show_run(run, self.output, saved, metrics)


def resume_run(path: Path, images: Sequence[Path], given: Given, output: OutputOptions) -> None:
    """Go on with the interrupted run in ``path`` (a result, or the journal of a killed run), and show all of it.

    Raises:
        UsageError: it is finished, or no comparison, or what was ``given`` contradicts it.
        ResultError: it is being written, or something is not as it was; the file is then left as it is.
    """
    with claim(path) as claimed:
        refuse_contradictions(claimed.run, given)
        resumed = Resumed.of(claimed)
        found = images_again(claimed.run.images, images)
        sides = options_of(claimed.run, given, found)
        if not resumed.rest.schedule.blocks:
            _finish(resumed, output)
            return
        target, sides = target_for(sides)
        settings = claimed.run.settings
        if sides.remote.stack is not None:
            runs = target.engines(Asked())
            require_alike(
                [Unlike("engine", listed(settings.engines), listed(runs))] if runs != settings.engines else ()
            )
        photos = open_photos(found, remote=True)
        Comparison(sides, target, settings, resumed.rest.schedule, photos, output).measure(resumed)


def _finish(resumed: Resumed, output: OutputOptions) -> None:
    """Every call had been made when the run was interrupted: nothing is started for it any more."""
    with resumed.finisher() as writer:
        for caveat in check(writer.run):
            writer.add_caveat(caveat)
    show_run(writer.run, output, writer.path)
