"""The machine that a run was made on: enough to judge the figures, nothing that names a person or a host."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from resnet_bench.processor import cpu_model
from resnet_bench.results.run import Environment

# Whatever can change a timing or a prediction; those not installed are left out of the record.
PACKAGES = (
    "resnet-bench",
    "torch",
    "torchvision",
    "onnxruntime",
    "onnx",
    "openvino",
    "numpy",
    "pillow",
    "msgspec",
    "httpx",
    "awslambdaric",
)


def here() -> Environment:
    """This machine, now. Imports none of the packages whose versions it reads."""
    return Environment(
        os=_os_name(),
        cpu_model=cpu_model(),
        cpus_count=os.cpu_count() or 1,
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        versions=installed_versions(),
        load_1m=_load(),
    )


def installed_versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Package name to version, of those that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _os_name() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name}, kernel {platform.release()}, {platform.machine()}"


def _load() -> float | None:
    """Processes ready to run, averaged over the last minute; ``None`` where the kernel keeps no such figure."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None
