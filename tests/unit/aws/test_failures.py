"""botocore's failures as this program's own: none unmapped, each with the action and a fix."""

import inspect
import string
import sys

import botocore.discovery
import botocore.exceptions
import botocore.parsers
import pytest

from bad_servers import ESCAPES
from resnet_bench.aws.access.failures import _BY_CLASS, aws_errors
from resnet_bench.errors import AwsError

ACTION = "xray:BatchGetTraces"
RAISED = [
    kind
    for module in (botocore.exceptions, botocore.discovery)
    for kind in vars(module).values()
    if inspect.isclass(kind)
    and issubclass(kind, Exception)
    and not issubclass(kind, Warning | botocore.exceptions.ClientError)
    and kind.__module__ == module.__name__
]


def example(kind):
    """An instance of any botocore exception, with the arguments that its message is made of."""
    names = [name for _, name, _, _ in string.Formatter().parse(getattr(kind, "fmt", "")) if name]
    if kind is botocore.exceptions.WaiterError:
        return kind(name="n", reason="r", last_response={})
    if kind.__init__ is Exception.__init__:
        return kind("text")
    return kind(**dict.fromkeys(names, "text"))


def translated(error, action=ACTION):
    with pytest.raises(AwsError) as caught, aws_errors(action):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def client_error(code, message="", status=400):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return botocore.exceptions.ClientError(response, "BatchGetTraces")


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_no_botocore_exception_is_left_unmapped(kind):
    error = translated(example(kind))
    # What the user has to set is told without the call that happened to need it first.
    setting = kind.__name__ in {"NoCredentialsError", "NoRegionError", "ProfileNotFound"}
    assert error.message.startswith(f"{ACTION} failed: ") != setting
    assert len(error.message) > (0 if setting else len(f"{ACTION} failed: "))
    assert error.hint
    assert error.code == kind.__name__
    assert "\n" not in error.message


def test_the_list_of_botocore_exceptions_is_not_empty():
    assert len(RAISED) > 80


def test_every_class_that_is_named_exists():
    known = {name for module in (botocore.exceptions, botocore.parsers) for name in vars(module)}
    assert set(_BY_CLASS) <= known


def test_an_answer_that_is_not_awss_is_mapped():
    assert "not AWS's" in translated(botocore.parsers.ResponseParserError("x")).message


@pytest.mark.parametrize(
    ("code", "words", "hint", "transient"),
    [
        ("AccessDeniedException", "denied", f"allow {ACTION}", False),
        ("AccessDenied", "denied", f"allow {ACTION}", False),
        ("ExpiredTokenException", "expired", "log in again", False),
        ("ExpiredToken", "expired", "log in again", False),
        ("UnrecognizedClientException", "does not know these credentials", "AWS_PROFILE", False),
        ("InvalidSignatureException", "signature", "clock", False),
        ("RequestTimeTooSkewed", "clock differs", "set the clock", False),
        ("ThrottlingException", "throttling", "wait", True),
        ("ThrottledException", "throttling", "wait", True),
        ("Throttling", "throttling", "wait", True),
        ("TooManyRequestsException", "throttling", "wait", True),
        ("CodeArtifactUserPendingException", "made ready", "wait", True),
        ("ResourceNotFoundException", "does not exist", "region", False),
        ("InternalServerError", "internal error", "wait", True),
        ("ServiceException", "internal error", "wait", True),
        ("ServiceUnavailableException", "internal error", "wait", True),
        ("503", "internal error", "wait", True),
        ("TeapotException", "no explanation", "error code", False),
    ],
)
def test_an_error_code_becomes_a_reason_and_a_fix(code, words, hint, transient):
    error = translated(client_error(code))
    assert words in error.message
    assert f"({code})" in error.message
    assert hint in error.hint
    assert (error.code, error.transient) == (code, transient)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("SignatureDoesNotMatch", "Signature expired: 20261124T100000Z is now earlier than 20261124T101500Z"),
        ("InvalidSignatureException", "Signature not yet current: 20261124T103000Z is still later than 20261124T1015Z"),
        ("OddException", "The difference between the request time and the current time is too large."),
    ],
)
def test_a_wrong_clock_is_told_as_one_whatever_the_code(code, text):
    error = translated(client_error(code, text))
    assert f"this machine's clock differs from AWS's by minutes ({code})" in error.message
    assert "set the clock" in error.hint


def test_the_denied_action_is_the_one_that_aws_names():
    text = (
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: xray:GetTraceSummaries on resource: *"
    )
    error = translated(client_error("AccessDeniedException", text))
    assert error.message == "xray:GetTraceSummaries failed: AWS denied it (AccessDeniedException)"
    assert "allow xray:GetTraceSummaries" in error.hint


def test_no_account_id_reaches_the_message():
    error = translated(client_error("OddException", "arn:aws:lambda:eu-west-1:123456789012:function:f of 123456789012"))
    assert "123456789012" not in error.message + error.hint


def test_an_answer_without_a_code_is_named_by_its_status():
    response = {"Error": {}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    assert translated(botocore.exceptions.ClientError(response, "X")).code == "503"


def test_aws_s_words_are_quoted_on_one_line_that_steers_no_terminal():
    error = translated(client_error("OddException", f"first\nsecond {ESCAPES} {'x' * 10_000}"))
    assert error.message.isprintable()
    assert "first second" in error.message
    assert len(error.message) < 500


def test_this_programs_own_mistakes_pass_through():
    with pytest.raises(ValueError, match="ours"), aws_errors(ACTION):
        raise ValueError("ours")
    with pytest.raises(KeyboardInterrupt), aws_errors(ACTION):
        raise KeyboardInterrupt


def test_success_passes_through():
    with aws_errors(ACTION):
        assert "botocore.exceptions" in sys.modules
