"""A function's settings changed and put back, against moto over HTTP, interrupted wherever they can be."""

from __future__ import annotations

import signal

import pytest

from function_settings import NAME, SECRET, VARIABLES, settings_of
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.function.baseline import MARK, NONCE
from resnet_bench.aws.function.settings import FunctionSettings
from resnet_bench.errors import AwsError


@pytest.fixture
def account(moto_url):
    """A Lambda client of an account that has the function, with the variables that ``variables`` says."""
    iam, functions = (client(service, endpoint_url=moto_url) for service in ("iam", "lambda"))
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.close()

    def make(variables):
        environment = {} if variables is None else {"Environment": {"Variables": variables}}
        functions.create_function(
            FunctionName=NAME,
            Role=role,
            PackageType="Image",
            Code={"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/resnet-bench@sha256:" + "a" * 64},
            MemorySize=1024,
            Timeout=29,
            TracingConfig={"Mode": "Active"},
            **environment,
        )
        return functions

    yield make
    functions.close()


@pytest.fixture
def function(account):
    return account(VARIABLES)


def configured(functions):
    """What has to be the same before and after; of times and counters it is not."""
    found = functions.get_function_configuration(FunctionName=NAME)
    return {name: value for name, value in found.items() if name not in {"ResponseMetadata", "LastModified"}}


def variables(functions):
    return configured(functions).get("Environment", {}).get("Variables", {})


def test_a_functions_configuration_is_read(function):
    read = settings_of(function).configuration
    assert (read.memory_mb, read.timeout_s, read.architecture, read.tracing) == (1024, 29.0, "x86_64", "Active")
    assert read.log_group == "/aws/lambda/resnet-bench"
    assert read.variables == VARIABLES
    assert SECRET not in repr(read)


def test_memory_and_cold_starts_are_changed_and_put_back(function):
    before = configured(function)
    settings = settings_of(function)
    settings.set_memory(2048)
    assert configured(function)["MemorySize"] == settings.memory_mb == 2048
    settings.force_cold()
    first = variables(function)[NONCE]
    settings.force_cold()
    assert variables(function)[NONCE] != first
    assert {**variables(function), **VARIABLES} == variables(function)
    settings.restore()
    assert configured(function) == before
    assert settings.memory_mb == 1024


@pytest.mark.parametrize("found", [None, {}, {NONCE: "somebody's own"}])
def test_an_environment_is_put_back_as_it_was_whatever_it_held(account, found):
    function = account(found)
    before = configured(function)
    settings = settings_of(function)
    settings.force_cold()
    assert variables(function)[NONCE] not in {"", "somebody's own"}
    settings.restore()
    assert configured(function) == before


def calls_of(function, monkeypatch, at=None):
    """The names of the calls that are made; the one with number ``at`` is made and then interrupted, or before."""
    made = []
    original = function._make_api_call

    def call(operation, arguments):
        made.append(operation)
        if at == (len(made), "before"):
            raise KeyboardInterrupt
        answer = original(operation, arguments)
        if at == (len(made), "after"):
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(function, "_make_api_call", call)
    return made


def test_what_was_not_changed_is_put_back_without_a_call(function, monkeypatch):
    settings = settings_of(function)
    made = calls_of(function, monkeypatch)
    settings.restore()
    assert made == []


def test_the_memory_that_it_has_already_is_not_set(function, monkeypatch):
    settings = settings_of(function)
    made = calls_of(function, monkeypatch)
    settings.set_memory(1024)
    settings.restore()
    assert made == ["GetFunctionConfiguration"]


def test_putting_back_twice_makes_no_further_call(function, monkeypatch):
    settings = settings_of(function)
    settings.set_memory(512)
    settings.restore()
    made = calls_of(function, monkeypatch)
    settings.restore()
    assert made == []


# As many as a run of set_memory, force_cold and restore makes.
CALLS = 10


def test_a_run_makes_as_many_calls_as_are_interrupted_below(function, monkeypatch):
    made = calls_of(function, monkeypatch)
    use(settings_of(function))
    assert len(made) == CALLS


def use(settings):
    """A run with everything that changes the function, and with the user's patience."""
    try:
        settings.set_memory(2048)
        settings.force_cold()
    finally:
        try:
            settings.restore()
        except KeyboardInterrupt:
            settings.restore()
            raise


def use_unguarded(settings):
    settings.set_memory(2048)
    settings.force_cold()
    settings.restore()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, CALLS + 1))
def test_wherever_ctrl_c_comes_the_function_is_put_back(function, monkeypatch, number, moment):
    before = configured(function)
    with monkeypatch.context() as patch:
        calls_of(function, patch, at=(number, moment))
        with pytest.raises(KeyboardInterrupt):
            use(settings_of(function))
    assert configured(function) == before


def test_ctrl_c_while_it_is_put_back_waits_until_that_is_done(function, monkeypatch):
    before = configured(function)
    settings = settings_of(function)
    settings.set_memory(2048)
    original = function._make_api_call

    def call(operation, arguments):
        signal.raise_signal(signal.SIGINT)
        return original(operation, arguments)

    with monkeypatch.context() as patch:
        patch.setattr(function, "_make_api_call", call)
        with pytest.raises(KeyboardInterrupt):
            settings.restore()
    assert configured(function) == before


@pytest.mark.parametrize("number", range(2, CALLS + 1))
def test_what_a_killed_run_has_left_is_put_back_by_the_next(function, monkeypatch, number):
    before = configured(function)
    with monkeypatch.context() as patch:
        calls_of(function, patch, at=(number, "after"))
        with pytest.raises(KeyboardInterrupt):
            use_unguarded(settings_of(function))
    left = configured(function) != before
    settings = settings_of(function)
    assert bool(settings.leftover) == left
    settings.restore()
    assert settings.leftover is None
    assert configured(function) == before


def test_a_leftover_is_told_with_its_memory_and_survives_the_next_runs_own_changes(function):
    before = configured(function)
    settings_of(function).set_memory(2048)
    settings = settings_of(function)
    assert settings.leftover == (
        "a run before this one was killed, or still runs, and left resnet-bench changed (memory 2048 MB, found 1024 MB)"
    )
    settings.set_memory(512)
    settings.force_cold()
    settings.restore()
    assert configured(function) == before


def test_a_mark_that_somebody_has_edited_is_removed_and_the_memory_left_alone(account):
    function = account({**VARIABLES, MARK: "{"})
    settings = settings_of(function)
    assert settings.leftover
    settings.restore()
    assert variables(function) == VARIABLES
    assert configured(function)["MemorySize"] == 1024


def test_what_somebody_else_changes_meanwhile_stays(function):
    settings = settings_of(function)
    settings.set_memory(2048)
    theirs = {**variables(function), "TOKEN": "another", "NEW": "1"}
    function.update_function_configuration(
        FunctionName=NAME, MemorySize=3008, Environment={"Variables": theirs}, Timeout=15
    )
    settings.force_cold()
    settings.restore()
    after = configured(function)
    assert (after["MemorySize"], after["Timeout"]) == (3008, 15)
    assert variables(function) == {**VARIABLES, "TOKEN": "another", "NEW": "1"}


def test_a_function_that_does_not_exist_says_so(account):
    functions = account(None)
    with pytest.raises(AwsError, match="lambda:GetFunctionConfiguration failed: the resource does not exist"):
        FunctionSettings(functions, "other")
