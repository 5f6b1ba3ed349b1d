"""A deployed Lambda function's settings: changed for a run, and put back as they were found.

    settings = FunctionSettings(account.client("lambda"), "resnet-bench")
    try:
        settings.set_memory(2048)
        settings.force_cold()           # the next call meets a fresh environment
    finally:
        settings.restore()

Lambda gives a function fresh environments after any change of its configuration. One environment variable of our own
is changed for that; AWS replaces the whole map, so the others are sent along as they are at that moment. Each change
names the revision that it was made from: if somebody else has changed the function meanwhile, AWS refuses, and the
change is made again from what stands there now.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.function.baseline import MARK, NONCE, Baseline, left_behind
from resnet_bench.aws.function.configuration import Configuration, read_configuration
from resnet_bench.aws.function.uninterrupted import uninterrupted
from resnet_bench.aws.privacy.account_data import strip_text
from resnet_bench.errors import AwsError
from resnet_bench.progress import SILENT, Progress

_UPDATE = "lambda:UpdateFunctionConfiguration"
# A function of a large image takes seconds; AWS gives no limit.
_LIMIT_S = 180.0
# Nothing can end the program meanwhile.
_RESTORE_LIMIT_S = 90.0
_INTERVAL_S = 1.0
# AWS refuses, and a later try can succeed: changed by somebody else since it was read; being changed by somebody else.
_CONFLICTS = {"PreconditionFailedException", "ResourceConflictException"}

# AWS quotes what it was sent in some of these, all variables with their values too (over 4 KB, say).
_QUOTING = {"InvalidParameterValueException", "ValidationException", "RequestEntityTooLargeException"}
# So often may others undo a change before it is given up.
_MAX_CHANGES = 5
_LOOK = "look at the function in the Lambda console, then repeat the command"
_REFUSED = "--memory must be within the account's limits, and the variables have room for 300 bytes more (4 KB in all)"

# What a change asks of AWS, made from the configuration as it is; empty where nothing is left to change.
Wanted = dict[str, Any]


class FunctionSettings:
    """The settings of one function, by name. For one thread.

    ``configuration`` is what was read last. ``leftover`` says what an earlier run has left behind, which ``restore``
    puts right; else it is ``None``. ``clock`` (monotonic seconds) and ``sleep`` are replaced in tests.

    Raises:
        AwsError: the function cannot be read.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        progress: Progress = SILENT,
    ) -> None:
        self.name = name
        self._client, self._clock, self._sleep, self._progress = client, clock, sleep, progress
        self.configuration = read_configuration(client, name)
        variables = self.configuration.variables
        fresh = Baseline(
            found_mb=self.configuration.memory_mb, nonce=None if MARK in variables else variables.get(NONCE)
        )
        self._baseline = left_behind(variables) or fresh
        self._changed = MARK in variables
        self.leftover = self._describe_leftover() if self._changed else None

    @property
    def memory_mb(self) -> int:
        """As configured now."""
        return self.configuration.memory_mb

    def set_memory(self, memory_mb: int) -> None:
        """Change the memory, with it the CPU share, and wait until calls meet it. Environments are fresh then.

        Raises:
            AwsError: AWS refuses, or the change failed.
        """
        self._progress.step(f"setting the memory of {self.name} to {memory_mb} MB")
        self._baseline = replace(self._baseline, set_mb=tuple(sorted({*self._baseline.set_mb, memory_mb})))

        def wanted(now: Configuration) -> Wanted:
            if now.memory_mb == memory_mb:
                return {}
            return {"MemorySize": memory_mb, **_environment(self._baseline.marked(now.variables))}

        self._change(wanted)

    def force_cold(self) -> None:
        """Have Lambda begin with fresh environments: the next call is a cold start.

        Raises:
            AwsError: AWS refuses, or the change failed.
        """
        self._progress.step(f"forcing a cold start of {self.name}")
        nonce = secrets.token_hex(8)

        def wanted(now: Configuration) -> Wanted:
            if now.variables.get(NONCE) == nonce:
                return {}
            return _environment(self._baseline.marked({**now.variables, NONCE: nonce}))

        self._change(wanted)

    def restore(self) -> None:
        """Put memory and environment back as they were found; again and again does no harm, unchanged makes no call.

        Ctrl-C meanwhile is held back until it is done.

        Raises:
            AwsError: it could not be done; the hint says exactly what to set by hand.
            KeyboardInterrupt: Ctrl-C came meanwhile; it is done.
        """
        if not self._changed:
            return
        with uninterrupted():
            self._progress.step(f"putting {self.name} back as it was found (Ctrl-C waits for it)")
            try:
                self._change(self._restoring, _RESTORE_LIMIT_S)
            except AwsError as error:
                raise AwsError(
                    f"{self.name} was not put back as it was found: {error.message}",
                    self._by_hand(),
                    code=error.code,
                    transient=error.transient,
                ) from None
            self._changed, self.leftover = False, None

    def _restoring(self, now: Configuration) -> Wanted:
        wanted: Wanted = {}
        if (memory_mb := self._baseline.restored_mb(now.memory_mb)) != now.memory_mb:
            wanted["MemorySize"] = memory_mb
        if (variables := self._baseline.restored(now.variables)) != now.variables:
            wanted |= _environment(variables)
        return wanted

    def _change(self, wanted: Callable[[Configuration], Wanted], limit_s: float = _LIMIT_S) -> None:
        """Ask AWS for what is ``wanted`` until nothing is.

        A change whose answer was lost on the way is thereby found to have been made, and not made twice.
        """
        end_s = self._clock() + limit_s
        asked, accepted_count = False, 0
        while True:
            now = self._settled(end_s)
            changes = wanted(now)
            if asked and now.update == "Failed":
                raise AwsError(
                    f"{_UPDATE} failed: AWS could not apply it: {strip_text(now.reason)}", _LOOK, code="Failed"
                )
            if not changes:
                return
            if accepted_count == _MAX_CHANGES:
                raise AwsError(f"{_UPDATE} failed: somebody else keeps changing {self.name}", _LOOK, code="Contended")
            _check_readable(now, self.name)
            self._changed = True  # before AWS hears of it: what comes after may be interrupted
            try:
                self._update(now, changes)
                asked, accepted_count = True, accepted_count + 1
            except AwsError as error:
                asked = error.code not in _CONFLICTS
                self._pause(error, end_s)

    def _update(self, now: Configuration, changes: Wanted) -> None:
        revision = {} if now.revision is None else {"RevisionId": now.revision}
        try:
            with aws_errors(_UPDATE):
                self._client.update_function_configuration(FunctionName=self.name, **revision, **changes)
        except AwsError as error:
            if error.code in _QUOTING:
                raise AwsError(
                    f"{_UPDATE} failed: AWS refused the settings ({error.code})", _REFUSED, code=error.code
                ) from None
            raise

    def _settled(self, end_s: float) -> Configuration:
        """The configuration once no change is under way."""
        while True:
            try:
                self.configuration = read_configuration(self._client, self.name)
            except AwsError as error:
                self._pause(error, end_s)
                continue
            if self.configuration.settled:
                return self.configuration
            self._pause(_still_changing(self.name), end_s)

    def _pause(self, error: AwsError, end_s: float) -> None:
        """Before another try; ``error`` is raised if none can help or the time is up."""
        passing = error.transient or error.code in _CONFLICTS
        if not passing or self._clock() >= end_s:
            raise error
        self._sleep(_INTERVAL_S)

    def _describe_leftover(self) -> str:
        memory = self._baseline.restored_mb(self.memory_mb)
        change = "" if memory == self.memory_mb else f" (memory {self.memory_mb} MB, found {memory} MB)"
        return f"a run before this one was killed, or still runs, and left {self.name} changed{change}"

    def _by_hand(self) -> str:
        memory = f"set its memory to {self._baseline.found_mb} MB and " if self._baseline.set_mb else ""
        return f"in the Lambda console, {memory}remove its environment variables {NONCE} and {MARK}"


def _environment(variables: dict[str, str]) -> Wanted:
    return {"Environment": {"Variables": variables}}


def _check_readable(now: Configuration, name: str) -> None:
    if now.unreadable is not None:
        raise AwsError(
            f"{name} was not changed: AWS cannot decrypt its environment variables ({now.unreadable}), "
            "and a change would lose them",
            "allow kms:Decrypt on the function's key in the policy of the user or role",
            code=now.unreadable,
        )


def _still_changing(name: str) -> AwsError:
    return AwsError(
        f"{name} is still being changed by AWS",
        "wait until its last update is successful, then repeat the command",
        code="InProgress",
        transient=True,
    )
