"""Clients: the emulated ones know nothing of this machine's AWS settings; real ones fail in this program's words."""

import os
import subprocess
import sys

import pytest
from botocore.exceptions import EndpointConnectionError

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.clients import EMULATED_REGION, client, session_for
from resnet_bench.errors import AwsError

HERE = "http://127.0.0.1:9"


def test_an_emulated_client_ignores_every_setting_of_this_machine(monkeypatch, tmp_path):
    (tmp_path / "config").write_text("[default]\nregion = ap-south-1\nretry_mode = nonsense\n")
    for name, value in {
        "AWS_PROFILE": "no-such-profile",
        "AWS_ACCESS_KEY_ID": "REALKEY",
        "AWS_SECRET_ACCESS_KEY": "REALSECRET",
        "AWS_SESSION_TOKEN": "REALTOKEN",
        "AWS_REGION": "ap-south-1",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_DEFAULTS_MODE": "auto",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    made = client("xray", endpoint_url=HERE, region="eu-west-1")
    signer = made._request_signer
    assert signer._credentials.access_key == "emulated"
    assert signer._credentials.token is None
    assert made.meta.region_name == EMULATED_REGION
    assert made.meta.config.proxies == {}


def test_an_emulated_client_gives_up_soon():
    config = client("logs", endpoint_url=HERE).meta.config
    assert config.connect_timeout <= 5
    assert config.read_timeout <= 10
    assert config.retries["total_max_attempts"] <= 2


@pytest.mark.parametrize("endpoint_url", [HERE, None])
def test_an_invocation_is_waited_for_and_never_repeated(endpoint_url):
    config = client("lambda", endpoint_url=endpoint_url, region="eu-west-1", invokes=True).meta.config
    assert config.read_timeout > 30
    assert config.retries["total_max_attempts"] == 1
    assert config.max_pool_connections >= 256, "as many as load has callers"


def test_nothing_listening_is_a_connection_failure():
    made = client("xray", endpoint_url=HERE)
    with pytest.raises(EndpointConnectionError):
        made.batch_get_traces(TraceIds=["1-68dd2f00-52ad8ff0c8a7e3b1d4f6a902"])
    made.close()


@pytest.fixture
def no_settings(monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_no_region_says_so(no_settings):
    with pytest.raises(AwsError, match="no AWS region is set") as caught:
        client("xray")
    assert "--region" in caught.value.hint


@pytest.mark.parametrize(
    ("given", "variables", "region"),
    [
        ("eu-west-1", {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-east-1"}, "eu-west-1"),
        (None, {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-east-1"}, "us-west-2"),
        (None, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"}, "us-east-1"),
    ],
)
def test_the_region_comes_from_the_option_or_from_either_variable(no_settings, monkeypatch, given, variables, region):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert client("xray", region=given).meta.region_name == region


def test_an_unknown_profile_says_so(no_settings):
    with pytest.raises(AwsError, match="nobody"):
        session_for("nobody")


def test_other_calls_of_lambdas_api_are_repeated_as_those_of_any_service():
    config = client("lambda", region="eu-west-1").meta.config
    assert config.retries["total_max_attempts"] > 1


def test_all_clients_of_an_account_look_up_its_credentials_once(no_settings, monkeypatch, tmp_path):
    """A profile that wants a code of its owner's would ask for one again with each look-up."""
    asked = tmp_path / "asked"
    answer = '{"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x"}'
    process = tmp_path / "credentials"
    process.write_text(f"#!/bin/sh\necho asked >> {asked}\necho '{answer}'\n")
    process.chmod(0o755)
    (tmp_path / "config").write_text(f"[profile mine]\nregion = eu-west-1\ncredential_process = {process}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    account = Account(profile="mine")
    for service in ("cloudformation", "lambda", "xray", "logs"):
        assert account.client(service).meta.region_name == "eu-west-1"
    account.credentials()
    account.credentials()
    assert asked.read_text() == "asked\n"


def test_an_unknown_service_says_so():
    with pytest.raises(AwsError, match="no-such-service"):
        client("no-such-service", endpoint_url=HERE)


def test_an_endpoint_that_is_no_url_says_so(no_settings):
    with pytest.raises(AwsError, match="Invalid endpoint"):
        client("xray", endpoint_url="not a url", region="eu-west-1")


def test_importing_every_aws_module_loads_no_botocore():
    code = (
        "import sys\n"
        "import resnet_bench.aws.access.clients, resnet_bench.aws.complete, resnet_bench.aws.access.failures\n"
        "sys.exit(any(name.split('.')[0] in ('boto3', 'botocore') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
