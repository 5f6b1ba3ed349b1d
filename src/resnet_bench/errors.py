"""Every failure that this program explains, as one tree.

    ResnetBenchError                 exit code
    ├── ObjectiveMissed              1   all was measured, and a latency that was asked for is not kept
    ├── Doubted                      1   all was examined, and there are doubts that were asked to count
    ├── UsageError                   2   the command line asks for something that makes no sense
    ├── SetupError                   3   something on this machine is missing or wrong
    │   ├── ImageError                   not a file, not a JPEG or PNG, damaged, too large
    │   ├── WeightsError                 unknown, unreadable, or failing verification
    │   ├── EngineError                  engine not installed, export or load failed
    │   ├── ContainerError               no container tool works here, or one failed
    │   └── SandboxError                 a limited child process could not be started or died
    │       └── OutOfMemory              the memory limit killed it
    ├── RemoteError                  4   the far side, or the way there
    │   ├── ConnectError                 refused, DNS, TLS
    │   ├── RemoteTimeout                no answer in time
    │   ├── HttpError                    an answer with status 4xx or 5xx
    │   ├── ForeignAnswer                an answer that is not this program's handler
    │   ├── AwsError                     an AWS API call failed
    │   └── Disagreement                 both sides answered, and differently
    └── ResultError                  5   a result file that cannot be read, written or compared

Library code raises these and never prints or exits; ``cli`` prints ``message`` and ``hint`` once and
leaves with ``exit_code``. Ctrl-C is not an error: it stays ``KeyboardInterrupt`` and exits 130.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from resnet_bench.results.records import Attempt

# Too many requests, and what a server answers that is not well at the moment.
PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})


class ResnetBenchError(Exception):
    """What failed and where (``message``), and what to try next (``hint``, may be empty).

    ``details`` is somebody else's account of it, shown as theirs: a function's own log, say.
    """

    exit_code: ClassVar[int] = 3
    details: str = ""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ObjectiveMissed(ResnetBenchError):
    exit_code = 1


class Doubted(ResnetBenchError):
    exit_code = 1


class UsageError(ResnetBenchError):
    exit_code = 2


class SetupError(ResnetBenchError):
    exit_code = 3


class ImageError(SetupError):
    """An image that cannot be classified.

    ``code`` is the machine-readable reason that the handler's 400 and 413 answers carry:
    ``not_json``, ``no_image``, ``bad_base64``, ``not_found``, ``unreadable``, ``unsupported_format``,
    ``corrupt_image``, ``image_too_large`` (bytes), ``too_many_pixels`` or ``too_complex``.
    """

    def __init__(self, message: str, hint: str = "", *, code: str) -> None:
        super().__init__(message, hint)
        self.code = code


class WeightsError(SetupError):
    pass


class EngineError(SetupError):
    pass


class ContainerError(SetupError):
    pass


class SandboxError(SetupError):
    pass


class OutOfMemory(SandboxError):
    pass


class RemoteError(ResnetBenchError):
    """``transient`` failures may pass if asked again; ``attempts`` are the tries of the same call before this one."""

    exit_code = 4
    transient: bool = False
    attempts: tuple[Attempt, ...] = ()


class ConnectError(RemoteError):
    """``transient`` unless the way there is wrong for good: an unknown name, a refused certificate."""

    def __init__(self, message: str, hint: str = "", *, transient: bool = True) -> None:
        super().__init__(message, hint)
        self.transient = transient


class RemoteTimeout(RemoteError):
    transient = True


class HttpError(RemoteError):
    """``status`` is the HTTP status; ``code`` the handler's own error code, if the body carried one.

    ``retry_after_s`` is how long the server asks to be left alone, if it says so.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        status: int,
        code: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        self.transient = status in PASSING_STATUSES


class ForeignAnswer(RemoteError):
    pass


class AwsError(RemoteError):
    """``code`` is AWS's or botocore's own name of the failure."""

    def __init__(self, message: str, hint: str = "", *, code: str | None = None, transient: bool = False) -> None:
        super().__init__(message, hint)
        self.code = code
        self.transient = transient


class Disagreement(RemoteError):
    pass


class ResultError(ResnetBenchError):
    exit_code = 5
