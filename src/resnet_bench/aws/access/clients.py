"""boto3 clients for real AWS and for the emulated one, and the one place where their failures are translated.

The import and the first client take about 0.2 s, so clients are made when they are first needed, after the timed part
of a run.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.loopback import is_loopback_url

# What the emulated AWS is told, whatever this machine's own settings are.
EMULATED_REGION = "us-east-1"
_EMULATED_KEY = "emulated"
_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 10
# Invoke answers when the function does: a cold start and the function's own limit have passed by then.
_INVOKE_TIMEOUT_S = 60
# Under load all of them share one client. A connection beyond these is thrown away after its call, with a warning.
_MOST_CALLERS = 256
_USUAL_CALLERS = 10  # botocore's own default


def client(
    service: str,
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    session: Any = None,
    access_key: str = _EMULATED_KEY,
    invokes: bool = False,
) -> Any:
    """A low-level client of an AWS service (``xray``, ``logs``, ``lambda``, ...).

    With a loopback ``endpoint_url`` neither this machine's AWS settings nor its credentials are looked up (no
    files, no environment, no instance metadata) and no proxy is used; requests are signed with ``access_key``.
    Otherwise both come from botocore's usual chain, by ``session`` (of ``session_for``) and narrowed by ``region``. A
    client that ``invokes`` waits as long as a function may take, and never repeats a call behind the caller's back: it
    would be measured twice.

    Raises:
        AwsError: no region, unknown service, an endpoint that is not a URL.
    """
    with aws_errors(f"{service} (creating the client)"):
        if endpoint_url is not None and is_loopback_url(endpoint_url):
            return _emulated(service, endpoint_url, access_key)
        return _real(service, endpoint_url, region, session, invokes=invokes)


def session_for(profile: str | None = None) -> Any:
    """What the clients of one account share: credentials are looked up once, and asked for once where they need a code.

    Raises:
        AwsError: unknown profile.
    """
    import boto3

    with aws_errors("credentials (looking for the profile)"):
        return boto3.Session(profile_name=profile)


def _emulated(service: str, endpoint_url: str, access_key: str) -> Any:
    import botocore.config

    settings: dict[str, Any] = {
        # Its only use of Lambda's own API is Invoke.
        **_patience(invokes=service == "lambda", attempts=2),
        "proxies": {},  # {} is "none"; None would read HTTP_PROXY
        "defaults_mode": "legacy",  # "auto" asks the instance metadata service for its region
    }
    config = botocore.config.Config(**settings)
    return _emulated_session().client(
        service,
        region_name=EMULATED_REGION,
        endpoint_url=endpoint_url,
        # Given credentials end the search before it reaches files or the instance metadata service.
        aws_access_key_id=access_key,
        aws_secret_access_key=access_key,
        config=config,
    )


@cache
def _emulated_session() -> Any:
    """One for all clients: what it has read of botocore's data saves each further client some 80 ms."""
    import boto3
    import botocore.session

    # (name in the config file, environment variable, default, converter): with neither of the first two, nothing
    # outside this function can name a profile that does not exist or a file that says otherwise.
    isolated: dict[str, tuple[None, None, str | None, None]] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=isolated))


def _real(service: str, endpoint_url: str | None, region: str | None, session: Any, *, invokes: bool) -> Any:
    import botocore.config

    session = session or session_for()
    config = botocore.config.Config(**_patience(invokes=invokes, attempts=4))
    # botocore itself reads only AWS_DEFAULT_REGION, unlike AWS's other tools and what Lambda and CloudShell set.
    region = region or os.environ.get("AWS_REGION") or None
    return session.client(service, region_name=region, endpoint_url=endpoint_url, config=config)


def _patience(*, invokes: bool, attempts: int) -> dict[str, Any]:
    """Time-outs, retries, and for how many callers at once connections are kept."""
    return {
        "max_pool_connections": _MOST_CALLERS if invokes else _USUAL_CALLERS,
        "connect_timeout": _CONNECT_TIMEOUT_S,
        "read_timeout": _INVOKE_TIMEOUT_S if invokes else _READ_TIMEOUT_S,
        "retries": {"mode": "standard", "total_max_attempts": 1 if invokes else attempts},
    }
