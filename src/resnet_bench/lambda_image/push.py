"""Pushing an image to a registry, with credentials that exist for that long and nowhere else."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from resnet_bench.container.tools import Tool, ask, find, run
from resnet_bench.errors import ContainerError
from resnet_bench.lambda_image.build import BuiltImage
from resnet_bench.progress import SILENT, Progress
from resnet_bench.sandbox.janitor import temporary_folder
from resnet_bench.unreadable import UNREADABLE

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is this user's alone  # nosec B108
_DOING = "pushing the image"
_HOST = "[registry]"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REFUSED = re.compile(r"unauthorized|denied|authentication required|no basic auth", re.IGNORECASE)


class _DockerConfig(msgspec.Struct, rename={"current_context": "currentContext"}, omit_defaults=True):
    auths: dict[str, dict[str, str]] = {}
    current_context: str = ""


def push(
    image: BuiltImage | str,
    repository: str,
    tag: str,
    *,
    username: str,
    password: str,
    tool: Tool | None = None,
    progress: Progress = SILENT,
) -> str:
    """Push ``image`` to ``repository:tag``. Returns its digest there (``sha256:...``), by which Lambda is given it.

    ``repository`` begins with the registry's host (``HOST/NAME``), which appears in no message: ECR's has the
    account's number in it. ``tool`` is needed where the image's name alone is given and not the first tool that
    works here has it.

    Raises:
        ContainerError: no tool, no such image, wrong credentials, or the registry cannot be reached.
    """
    name, chosen = (image, tool or find()) if isinstance(image, str) else (image.id, tool or image.tool)
    host, _, path = repository.partition("/")
    progress.step(_DOING)
    try:
        with _credentials(host, username, password) as folder:
            digest = _push_with(chosen, name, f"{repository}:{tag}", folder, _WithoutHost(progress, host))
    except ContainerError as error:
        raise _explained(error, host, path) from error
    if digest is None:
        raise ContainerError(f"{chosen.name} did not tell the digest of {path}:{tag}", "push it again")
    return digest


@dataclass(frozen=True)
class _WithoutHost:
    """A ``Progress`` that does not pass on where it goes."""

    progress: Progress
    host: str

    def step(self, text: str, fraction: float | None = None) -> None:
        self.progress.step(text.replace(self.host, _HOST), fraction)


def _push_with(tool: Tool, name: str, target: str, folder: Path, progress: Progress) -> str | None:
    if tool.name == "docker":
        run(tool, ["tag", name, target], doing="naming the image", progress=progress)
        try:
            said = run(tool, ["push", target], doing=_DOING, env={"DOCKER_CONFIG": str(folder)}, progress=progress)
        finally:
            # Only the name, which has the account's number in it; the image keeps its own.
            with suppress(ContainerError):
                ask(tool, ["rmi", target], doing="forgetting the name")
    else:
        digest_file = folder / "digest"
        # Lambda takes no zstd, which the user's own settings may ask for.
        options = [
            f"--authfile={folder / 'config.json'}",
            f"--digestfile={digest_file}",
            "--compression-format=gzip",
        ]
        run(tool, ["push", *options, name, f"docker://{target}"], doing=_DOING, progress=progress)
        said = digest_file.read_text()
    found = _DIGEST.findall(said)
    return found[-1] if found else None


@contextmanager
def _credentials(host: str, username: str, password: str) -> Iterator[Path]:
    """A folder as ``~/.docker``, in memory where possible and for this user only, with one registry's credentials.

    No login, which would leave them in the user's own folder or ask its keychain. Which docker this user has chosen
    (``docker context``) stays as it is.
    """
    place = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None
    with temporary_folder("resnet-bench-push-", place) as folder:
        secret = base64.b64encode(f"{username}:{password}".encode()).decode()
        config = _DockerConfig({host: {"auth": secret}}, _docker_context(folder))
        (folder / "config.json").write_bytes(msgspec.json.encode(config))
        yield folder


def _docker_context(folder: Path) -> str:
    """The name of the user's docker context, and the contexts themselves put into ``folder``."""
    own = Path(os.environ.get("DOCKER_CONFIG") or "~/.docker").expanduser()
    if (own / "contexts").is_dir():
        (folder / "contexts").symlink_to(own.absolute() / "contexts")
    with suppress(OSError, *UNREADABLE):
        return msgspec.json.decode((own / "config.json").read_bytes(), type=_DockerConfig).current_context
    return ""


def _explained(error: ContainerError, host: str, path: str) -> ContainerError:
    if _REFUSED.search(error.details):
        explained = ContainerError(
            f"the registry refused the push to {path}",
            "check that the repository exists and that its policy and yours let you push",
        )
    else:
        explained = ContainerError(error.message, "check that the registry can be reached, then push again")
    explained.details = error.details.replace(host, _HOST)
    return explained
