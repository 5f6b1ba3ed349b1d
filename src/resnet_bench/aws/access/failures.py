"""Every botocore failure as an ``AwsError``: the action that failed, why, and what to do about it."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from resnet_bench.aws.privacy.account_data import strip_text
from resnet_bench.characters import fit
from resnet_bench.errors import AwsError


class _Cause(NamedTuple):
    """``why`` completes "<action> failed: "; with an empty one AWS's own words do."""

    why: str
    fix: str
    transient: bool = False


_LOG_IN = "log in again (aws sso login, or renew the session's keys), then repeat the command"
_CONFIGURE = "set AWS_PROFILE or run aws configure; the emulated Lambda (no --url, no --stack) needs no credentials"
_CONNECTION = "check the network, the proxy settings and the region's name; then repeat the command"

# botocore's own exceptions by class name; a subclass is served by its nearest listed ancestor.
_BY_CLASS = {
    "NoCredentialsError": _Cause("no AWS credentials were found", _CONFIGURE),
    "PartialCredentialsError": _Cause("the AWS credentials are incomplete", _CONFIGURE),
    "CredentialRetrievalError": _Cause("the AWS credentials could not be fetched", _LOG_IN),
    "LoginError": _Cause("the AWS login is missing or has expired", _LOG_IN),
    "SSOError": _Cause("the AWS single sign-on session is missing or has expired", _LOG_IN),
    "TokenRetrievalError": _Cause("the AWS single sign-on token could not be fetched", _LOG_IN),
    "ProfileNotFound": _Cause("", "list the profiles with: aws configure list-profiles"),
    "NoRegionError": _Cause("no AWS region is set", "give --region, or set AWS_REGION"),
    "UnknownServiceError": _Cause("", "update botocore; this program needs a recent one"),
    "EndpointConnectionError": _Cause("the endpoint could not be reached", _CONNECTION, transient=True),
    "ConnectTimeoutError": _Cause("the endpoint did not accept a connection in time", _CONNECTION, transient=True),
    "SSLError": _Cause("the TLS connection was refused", "check the clock, the proxy and AWS_CA_BUNDLE"),
    "ProxyConnectionError": _Cause("the proxy could not be reached", "check HTTPS_PROXY and NO_PROXY"),
    "HTTPClientError": _Cause("the connection failed or timed out", _CONNECTION, transient=True),
    "WaiterError": _Cause("", "look at the resource in the AWS console, then repeat the command"),
    "ResponseParserError": _Cause("the answer is not AWS's", "check the endpoint: something else listens there"),
    "ParamValidationError": _Cause("", "check the names and ids that were given"),
}
_SETTINGS = {"NoCredentialsError", "NoRegionError", "ProfileNotFound"}
_OTHER_CLASS = _Cause("", "check the AWS settings of this machine (aws configure list)")

# Error codes that AWS answers, without the "Exception" that some services append.
_DENIED = _Cause("AWS denied it", "allow {action} in the policy of the user or role, then repeat the command")
_EXPIRED = _Cause("the AWS credentials have expired", _LOG_IN)
_INVALID = _Cause(
    "AWS does not know these credentials, or the region is not enabled for their account",
    "check --region and --profile; set AWS_PROFILE or run aws configure; the emulated Lambda needs no credentials",
)
_STACK_BUSY = _Cause("", "wait until the stack is at rest (resnet-bench status), then repeat the command")
_NOT_ENABLED = _Cause(
    "the account or the region is not enabled for this service",
    "enable the region in the account's settings, or take another: --region",
)
_THROTTLED = _Cause("AWS is throttling this account", "wait a minute and repeat the command", transient=True)
_MISSING = _Cause("the resource does not exist", "check its name, the region and the account")
_SERVER = _Cause("AWS had an internal error", "wait a minute and repeat the command", transient=True)
# "Lambda function states" (developer guide): after weeks without a call the first one fails, and wakes the function.
_ASLEEP = _Cause("the function is being made ready after a long rest", "wait a minute and repeat the command", True)
_SIGNATURE = _Cause("AWS refused the signature", "check this machine's clock and the secret key")
_CLOCK = _Cause(
    "this machine's clock differs from AWS's by minutes", "set the clock (timedatectl set-ntp true), then repeat"
)
# How AWS says in words, whatever the code, that it is the clock.
_CLOCK_WORDS = re.compile(
    "signature (expired|not yet current)|too skewed|difference between the request time", re.IGNORECASE
)
# Of somebody else's text, this much is quoted.
_QUOTED_CHARACTERS = 400
_UNKNOWN_CODE = _Cause("", "see the service's API reference for this error code")
_BY_CODE = {
    **dict.fromkeys(("AccessDenied", "UnauthorizedOperation", "Forbidden", "403"), _DENIED),
    **dict.fromkeys(("ExpiredToken", "RequestExpired", "TokenRefreshRequired"), _EXPIRED),
    **dict.fromkeys(("AlreadyExists", "OperationInProgress"), _STACK_BUSY),
    **dict.fromkeys(("OptInRequired", "SubscriptionRequired"), _NOT_ENABLED),
    **dict.fromkeys(
        (
            "AuthFailure",
            "UnrecognizedClient",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "MissingAuthenticationToken",
        ),
        _INVALID,
    ),
    **dict.fromkeys(("SignatureDoesNotMatch", "InvalidSignature", "IncompleteSignature"), _SIGNATURE),
    "RequestTimeTooSkewed": _CLOCK,
    **dict.fromkeys(
        ("Throttling", "Throttled", "TooManyRequests", "LimitExceeded", "RequestLimitExceeded", "SlowDown", "429"),
        _THROTTLED,
    ),
    "CodeArtifactUserPending": _ASLEEP,
    **dict.fromkeys(("ResourceNotFound", "NotFound", "NoSuchEntity", "RepositoryNotFound", "404"), _MISSING),
    **dict.fromkeys(
        ("InternalError", "InternalFailure", "InternalServerError", "InternalServer", "ServiceUnavailable", "Service"),
        _SERVER,
    ),
    **dict.fromkeys(("500", "502", "503", "504"), _SERVER),
}


@contextmanager
def aws_errors(action: str) -> Iterator[None]:
    """Raise whatever botocore raises inside as an ``AwsError``.

    ``action`` is written as in a policy: ``xray:BatchGetTraces``.

    The message carries no account id and no ARN, because it may be stored in a result file.

    Raises:
        AwsError: ``code`` is AWS's error code or botocore's class name; ``transient`` as in ``errors.py``.
    """
    from botocore import exceptions as botocore
    from botocore.parsers import ResponseParserError

    # ``BotoCoreError`` is the root of nearly all; the other two hang outside its tree.
    families = botocore.BotoCoreError, botocore.UndefinedModelAttributeError, ResponseParserError
    try:
        yield
    except botocore.ClientError as error:
        raise _answered(action, error.response) from error
    except families as error:
        raise _unanswered(action, error) from error
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # botocore's plain answer to an endpoint that is not a URL.
        if isinstance(error, ValueError) and "Invalid endpoint" in str(error):
            fix = "give the endpoint as http://host:port"
            raise AwsError(f"{action} failed: {error}", fix, code="Endpoint") from error
        if _tripped(error):
            raise _caused(action, _BY_CLASS["ResponseParserError"], "ResponseParserError") from error
        raise  # this program's own fault


def _tripped(error: Exception) -> bool:
    """Whether it was botocore that fell over an answer: it takes each to be built as AWS builds them."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(frame.f_globals.get("__name__") in {"botocore.endpoint", "botocore.parsers"} for frame in frames)


def _answered(action: str, response: Mapping[str, Any]) -> AwsError:
    """AWS answered with an error."""
    error = response.get("Error", {})
    code = str(error.get("Code") or response.get("ResponseMetadata", {}).get("HTTPStatusCode") or "unknown")
    text = str(error.get("Message") or "")
    # The denied action is the one that AWS names, which need not be the one that was called.
    named = re.search(r"not authorized to perform:? ([\w-]+:\w+)", text)
    action = named[1] if named else action
    cause = _BY_CODE.get(re.sub(r"(Exception|Error)$", "", code)) or _BY_CODE.get(code)
    if cause in {None, _SIGNATURE} and _CLOCK_WORDS.search(text):
        cause = _CLOCK
    return _caused(action, cause or _UNKNOWN_CODE, code, text, told_code=f" ({_quoted(code)})")


def _caused(action: str, cause: _Cause, code: str, text: str = "", *, told_code: str = "") -> AwsError:
    why = cause.why or _quoted(text) or "no explanation"
    return AwsError(
        f"{action} failed: {why}{told_code}", cause.fix.format(action=action), code=code, transient=cause.transient
    )


def _quoted(text: str) -> str:
    """On one line, without account data, and fit to be printed."""
    line = " ".join(fit(strip_text(text)).split())
    return line if len(line) <= _QUOTED_CHARACTERS else f"{line[:_QUOTED_CHARACTERS]}..."


def _unanswered(action: str, error: Exception) -> AwsError:
    """botocore failed before or without an answer."""
    names = [ancestor.__name__ for ancestor in type(error).__mro__]
    cause = next((_BY_CLASS[name] for name in names if name in _BY_CLASS), _OTHER_CLASS)
    why = cause.why or _quoted(str(error))
    # What the user has to set is no failure of what happened to need it first.
    told = why if _SETTINGS & {*names} else f"{action} failed: {why}"
    return AwsError(told, cause.fix, code=names[0], transient=cause.transient)
