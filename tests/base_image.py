"""An image like AWS's ``lambda/python:3.13``, made on this machine from Debian's packages: no test may need AWS's own.

Debian 13 has the same Python. What AWS's image adds is added: the entry point, the runtime client, the task root. It is
made once (half a minute) and kept as a tar file in ``.base/``, which ``make clean`` removes.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = "3.13"
_SUITE = "trixie"
_PACKAGES = "python3,python3-pip"
# Nothing that runs needs these; an import of the image copies every byte.
_UNNEEDED = ("usr/share/doc", "usr/share/locale", "usr/share/man", "var/cache/apt", "var/lib/apt/lists")

# As AWS's, which runs its local emulator where there is no Runtime API; this image has none to run.
_ENTRYPOINT = """\
#!/bin/sh
if [ $# -ne 1 ]; then
    echo "entrypoint requires the handler name to be the first argument" >&2
    exit 142
fi
export _HANDLER="$1"
exec /var/runtime/bootstrap
"""
_BOOTSTRAP = """\
#!/bin/sh
export PYTHONPATH="$LAMBDA_TASK_ROOT:/opt/python:$LAMBDA_RUNTIME_DIR"
exec python3 -m awslambdaric "$_HANDLER"
"""
# What the import of the tar file adds to it: `podman import --change`.
CHANGES = (
    'ENTRYPOINT ["/lambda-entrypoint.sh"]',
    "WORKDIR /var/task",
    "ENV LAMBDA_TASK_ROOT=/var/task",
    "ENV LAMBDA_RUNTIME_DIR=/var/runtime",
    "ENV LANG=C.UTF-8",
    "ENV PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin",
)


def missing() -> str | None:
    """Why the base image cannot be made or used here; ``None`` if it can."""
    if os.geteuid() != 0:
        return "building and running images without a daemon needs root here"
    # Debian puts some of them where only root looks.
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    absent = [tool for tool in ("buildah", "podman", "runc", "mmdebstrap") if shutil.which(tool, path=path) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    return None if _mirror() else "apt names no Debian mirror, from which the base image is made"


def base_tar() -> Path:
    """The image's files, made if they are not there yet or were made by another version of this module."""
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    tar = ROOT / ".base" / f"python{PYTHON}-{recipe}.tar"
    tar.parent.mkdir(exist_ok=True)
    with (tar.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # who comes while another process makes it waits for that
        if not tar.exists():
            _make(tar)
    return tar


def _make(tar: Path) -> None:
    for old in tar.parent.glob("*.tar*"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="resnet-bench-base-") as folder:
        tree = Path(folder, "tree")
        _install_debian(tree)
        _install_runtime(tree)
        _run("tar", "--create", "--one-file-system", "--directory", tree, "--file", f"{tar}.partial", ".")
    Path(f"{tar}.partial").rename(tar)


def _install_debian(tree: Path) -> None:
    mirror = _mirror()
    assert mirror is not None
    _run("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, tree, mirror)
    for name in _UNNEEDED:
        shutil.rmtree(tree / name)


def _install_runtime(tree: Path) -> None:
    """AWS's own runtime client, of the version that is installed here, and what AWS's image starts it with."""
    runtime = tree / "var" / "runtime"
    (tree / "var" / "task").mkdir()
    wanted = f"awslambdaric=={importlib.metadata.version('awslambdaric')}"
    only = ["--only-binary=:all:", f"--platform=manylinux2014_{platform.machine()}", f"--python-version={PYTHON}"]
    _run(sys.executable, "-m", "pip", "install", "--quiet", f"--target={runtime}", *only, wanted)
    for path, text in ((tree / "lambda-entrypoint.sh", _ENTRYPOINT), (runtime / "bootstrap", _BOOTSTRAP)):
        path.write_text(text)
        path.chmod(0o755)


def _mirror() -> str | None:
    """The Debian mirror that this machine's own packages come from."""
    if shutil.which("apt-get") is None:
        return None
    targets = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    found = subprocess.run(targets, capture_output=True, text=True, check=False).stdout.split()
    return next((uri for uri in found if uri.rstrip("/").endswith("/debian")), None)


def _run(*command: str | Path) -> None:
    # Debian's tools expect Debian's PATH, whatever the user's is.
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, "PATH": path, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-2000:]}"


if __name__ == "__main__" and missing() is None:
    base_tar()
