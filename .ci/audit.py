"""Whether anything that is installed here has a published advisory, by pip-audit: `make audit`.

An advisory is a failure, everywhere. That nobody could be asked is none, since many machines that build this have no
way to the advisory service, but it is said, and never in the words of a success. One package is asked about first, so
that where nobody answers not a hundred questions are asked.

Arguments are pip-audit's, to ask another service: --vulnerability-service osv --osv-url URL.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tempfile
from importlib.metadata import version
from typing import Any

_USAGE = 2
_KNOWN = "pip"  # every advisory service knows it
_OPTIONS = ("--progress-spinner", "off", "--format", "json", "--timeout", "10")


def main() -> int:
    """0: no advisories, or nobody could be asked for them; 1: advisories."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as one:
        one.write(f"{_KNOWN}=={version(_KNOWN)}\n")
        one.flush()
        first, why = _ask("--requirement", one.name, "--no-deps", "--disable-pip")
    if first is None or any("skip_reason" in package for package in first):
        return _not_asked(why or "the service does not answer for packages")
    # By the folder, because it is this environment's and not pip-audit's own that counts, should they ever differ.
    found, why = _ask("--skip-editable", "--path", sysconfig.get_paths()["purelib"])
    return _not_asked(why) if found is None else _tell(found)


def _ask(*arguments: str) -> tuple[list[dict[str, Any]] | None, str]:
    """The packages with what is known of each; ``None`` and pip-audit's last words if it could not ask."""
    command = [sys.executable, "-m", "pip_audit", *_OPTIONS, *arguments, *sys.argv[1:]]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode == _USAGE:
        sys.exit(done.stderr.strip())  # nothing was tried
    try:
        return json.loads(done.stdout)["dependencies"], ""
    except ValueError:
        return None, (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]


def _tell(packages: list[dict[str, Any]]) -> int:
    skipped = [f"{package['name']}: {package['skip_reason']}" for package in packages if "skip_reason" in package]
    advisories = [
        f"{package['name']} {package['version']}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'none'}"
        for package in packages
        for one in package.get("vulns", ())
    ]
    for line in (*skipped, *advisories):
        print(line)
    print(f"{len(packages) - len(skipped)} packages asked about, {len(advisories)} advisories")
    return 1 if advisories else 0


def _not_asked(why: str) -> int:
    print(f"ADVISORIES COULD NOT BE ASKED FOR, so that none is ruled out: {why[:300]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
