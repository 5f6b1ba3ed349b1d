"""The Runtime API is a standard: runtime clients that nobody here wrote for this emulator run functions under it."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from emulated import FUNCTIONS, emulate, report_of
from resnet_bench.aws.access.clients import client
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.trace_header import parse_header

NODE = shutil.which("node")
CLIENTS = {
    "node": (NODE or "node", str(FUNCTIONS / "bootstrap.mjs")),
    "python": (sys.executable, "-I", str(FUNCTIONS / "bootstrap_stdlib.py")),
}


@pytest.fixture(scope="module", params=CLIENTS)
def foreign(request: pytest.FixtureRequest) -> Iterator[tuple[str, EmulatedLambda]]:
    if request.param == "node" and NODE is None:
        pytest.skip("there is no node on this machine")
    # Node's own memory and its threads do not fit into less.
    with emulate("anything", bootstrap=CLIENTS[request.param], memory_mb=512) as emulated:
        yield request.param, emulated


def invoke(emulated: EmulatedLambda, event: Any) -> tuple[str | None, Any]:
    functions = client("lambda", endpoint_url=emulated.aws_url)
    done = functions.invoke(FunctionName="resnet-bench", Payload=json.dumps(event))
    answer = json.loads(done["Payload"].read())
    if "headers" in answer:  # as the client's HTTP library spells their names
        answer["headers"] = {name.lower(): value for name, value in answer["headers"].items()}
    return done.get("FunctionError"), answer


def test_a_foreign_client_gets_the_event_and_the_headers_of_the_runtime_api(
    foreign: tuple[str, EmulatedLambda],
) -> None:
    language, emulated = foreign
    error, answer = invoke(emulated, {"ü": [1, None]})
    headers = answer["headers"]
    assert error is None
    assert (answer["by"], answer["event"]) == (language, {"ü": [1, None]})
    assert headers["lambda-runtime-invoked-function-arn"] == emulated.function.arn
    assert parse_header(headers["lambda-runtime-trace-id"]).trace_id is not None
    left_s = int(headers["lambda-runtime-deadline-ms"]) / 1000 - time.time()
    assert left_s <= emulated.function.timeout_s
    assert f"{language} got {headers['lambda-runtime-aws-request-id']}\n" in emulated.log_lines()


def test_a_foreign_clients_error_is_a_function_error(foreign: tuple[str, EmulatedLambda]) -> None:
    _, emulated = foreign
    assert invoke(emulated, {"fail": "no"}) == ("Unhandled", {"errorType": "Foreign", "errorMessage": "no"})
    assert invoke(emulated, {})[0] is None


def test_a_foreign_client_is_initialised_once(foreign: tuple[str, EmulatedLambda]) -> None:
    _, emulated = foreign
    emulated.force_cold()
    cold, warm = (invoke(emulated, {})[1]["headers"] for _ in range(2))
    reports = [report_of(emulated, headers["lambda-runtime-aws-request-id"]) for headers in (cold, warm)]
    assert reports[0].init_s is not None
    assert reports[1].init_s is None


def test_a_wrong_request_id_and_an_unknown_call_are_refused() -> None:
    with emulate("anything", bootstrap=CLIENTS["python"]) as emulated:
        error, answer = invoke(emulated, {"wrong_id": True})
        assert error is None
        assert answer["statuses"] == [400, 404]
