"""The commands by which Locust loads a deployed function from many machines."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
# Longer than a call may take, so that those on their way at the end are waited for.
_DRAIN_S = 40


@dataclass(frozen=True)
class LocustPlan:
    """``sign`` is the region for signed calls, empty for an API that is open to all."""

    url: str
    images: Sequence[str]
    users: int
    duration_s: float
    raw: bool = False
    sign: str = ""

    @property
    def variables(self) -> dict[str, str]:
        given = {
            "RESNET_BENCH_IMAGES": os.pathsep.join(self.images),
            "RESNET_BENCH_RAW": "1" if self.raw else "",
            "RESNET_BENCH_SIGN": self.sign,
        }
        return {name: value for name, value in given.items() if value}

    def master(self, workers: int | str = "WORKERS") -> list[str]:
        """The arguments of the process that spreads the users over ``workers`` and adds up what they measure."""
        return [
            *("locust", "--locustfile", str(LOCUSTFILE), "--master", "--headless", "--expect-workers", str(workers)),
            *("--host", self.url, "--users", str(self.users), "--spawn-rate", str(self.users)),
            *("--run-time", f"{self.duration_s:g}s", "--stop-timeout", str(_DRAIN_S), "--csv", "load"),
        ]

    def worker(self, master: str = "MASTER") -> list[str]:
        """The arguments of each process that calls; one for each CPU of its machine is usual."""
        return ["locust", "--locustfile", str(LOCUSTFILE), "--worker", "--master-host", master]

    def lines(self) -> list[str]:
        """What to type on which machine."""
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in self.variables.items())
        return [
            "# on every machine, with this file and the images copied to it:",
            "pip install locust" if not self.sign else "pip install 'resnet-bench[locust]'   # and AWS credentials",
            "",
            "# on one of them, which only adds up; WORKERS is how many workers there will be:",
            shlex.join(self.master()),
            "",
            "# on all others, once for each CPU; MASTER is the first one's address:",
            f"{settings} {shlex.join(self.worker())}",
        ]
