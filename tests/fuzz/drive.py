"""All targets, each for its share of the time, in processes of their own and within limits.

``python -m fuzz.drive --seconds 3600`` (``make fuzz``): CPU time in all. New inputs are kept under ``.fuzz/``, from
where the next sitting goes on. The exit code is 1 if anything broke: its input is then named, and belongs into
``corpus/TARGET/found-...`` once the cause is mended.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from fuzz import record, target
from fuzz.child import Task, Tried
from fuzz.record import Broken, Sitting

KEPT = Path(".fuzz")
_RSS_LIMIT_MB = 2048
# By the wall clock, where the machine has other things to do; beyond it a process is ended.
_PATIENCE = 200
# Of the time, beside 1 for each of the others: those that have the most behind them.
_SHARES = {"shown": 6.0, "images": 3.0, "handler": 2.0}
_EDGES = re.compile(r"\bcov: (\d+)")
_RAISED = re.compile(r"=== Uncaught Python exception: ===\n(.+)")


def main() -> int:
    asked = _arguments()
    names = asked.targets or target.names()
    shares = {name: _SHARES.get(name, 1.0) for name in names}
    sittings = []
    for name in names:
        cpu_s = asked.seconds * shares[name] / sum(shares.values())
        print(f"{name}: {cpu_s:.0f} s", flush=True)
        sittings.append(sit(name, cpu_s, asked.kept))
        record.add(sittings[-1], asked.record)
        if broken := sittings[-1].broken:
            print(f"{name} broke: {broken.what}\n  the input: {broken.file}", file=sys.stderr, flush=True)
    print(record.table(sittings), end="")
    return 1 if any(one.broken for one in sittings) else 0


def sit(name: str, cpu_s: float, kept: Path) -> Sitting:
    """One target for ``cpu_s``, or until something breaks."""
    inputs, artefacts, told_in = (kept / name / part for part in ("inputs", "broken", "tried.json"))
    for folder in (inputs, artefacts):
        folder.mkdir(parents=True, exist_ok=True)
    told_in.unlink(missing_ok=True)
    known = {path.name for path in artefacts.iterdir()}
    folders = [inputs, *([target.CORPUS / name] if target.corpus(name) else [])]
    task = Task(name, cpu_s, _RSS_LIMIT_MB, str(artefacts), str(told_in), list(map(str, folders)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, told = _run(task, kept / name / "log")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    tried = msgspec.json.decode(told_in.read_bytes(), type=Tried) if code == 0 else None
    new = [path for path in artefacts.iterdir() if path.name not in known and path.name != "dictionary"]
    return Sitting(
        target=name,
        at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        python=platform.python_version(),
        inputs=tried.inputs if tried else max(map(int, re.findall(r"^#(\d+)", told, re.MULTILINE)), default=0),
        cpu_s=round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        edges=max(map(int, _EDGES.findall(told)), default=0),
        peak_rss_bytes=tried.peak_rss_bytes if tried else 0,
        grown_bytes=tried.rss_bytes - tried.early_rss_bytes if tried else 0,
        broken=None if tried else Broken(what=_why(code, told), file=str(new[0]) if new else None),
    )


def _run(task: Task, log: Path) -> tuple[int | None, str]:
    """Exit code, ``None`` if it had to be ended; and all that it told, which is in ``log`` too."""
    command = [sys.executable, "-m", "fuzz.child", msgspec.json.encode(task).decode()]
    environment = {**os.environ, "PYTHONPATH": str(target.FOLDER.parent)}
    patience_s = 60 + _PATIENCE * task.cpu_s
    with log.open("wb") as out:
        try:
            code = subprocess.run(
                command, stdout=out, stderr=subprocess.STDOUT, env=environment, timeout=patience_s, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
    return code, log.read_text(errors="replace")


def _why(code: int | None, told: str) -> str:
    if "libFuzzer: timeout" in told:
        return "an input hangs"
    if "libFuzzer: out-of-memory" in told:
        return f"more than {_RSS_LIMIT_MB} MB"
    raised = _RAISED.search(told)
    return raised[1][:300] if raised else f"the process ended with {code}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"default: all of {', '.join(target.names())}")
    parser.add_argument("--seconds", type=float, default=600.0, help="CPU time of all targets together")
    parser.add_argument("--kept", type=Path, default=KEPT, metavar="FOLDER", help="where new inputs go")
    parser.add_argument("--record", type=Path, default=record.FILE, metavar="FILE", help="what is added to")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
