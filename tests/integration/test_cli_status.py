"""``status`` as a process: what is deployed, and how its last calls went."""

from __future__ import annotations

import json
import time

from resnet_bench.aws.function.baseline import MARK
from stack_commands import DENIED_PRICES, GROUP, IMAGE, Aws


def test_status_tells_the_last_calls_and_what_a_killed_run_has_left(deployed: Aws) -> None:
    logs, now_ms = deployed.client("logs"), int(time.time() * 1000)
    lines = [
        f"REPORT RequestId: {number}\tDuration: {number}00.00 ms\tBilled Duration: 300 ms\tMemory Size: 1024 MB\t"
        "Max Memory Used: 612 MB\tInit Duration: 2100.00 ms\t\n"
        for number in range(1, 8)
    ]
    for number, line in enumerate(lines):
        stream = f"2026/11/24/[$LATEST]{number % 2}"
        if number < 2:
            logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        events = [{"timestamp": now_ms - 60_000 + number, "message": line}]
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)
    deployed.client("lambda").update_function_configuration(
        FunctionName="resnet-bench", Environment={"Variables": {MARK: "{}"}}
    )
    document = json.loads(deployed.run("status", "--json").out)["function"]
    assert [call["report"]["request_id"] for call in document["recent"]["calls"]] == ["7", "6", "5", "4", "3"]
    assert document["changed_by_a_run"] is True
    shown = deployed.run("status")
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "left changed" in shown.out
    assert "Last calls, of the last hour" in shown.out
    assert "612" in shown.out


def with_code(deployed: Aws, sha256: str) -> None:
    """Lambda says this of the function's code: of an image it is the digest, where moto makes up another."""
    found = deployed.client("lambda").get_function_configuration(FunctionName="resnet-bench")
    del found["ResponseMetadata"]
    answer = json.dumps({**found, "CodeSha256": sha256}).encode()
    deployed.interfere("GET /2015-03-31/functions/resnet-bench/configuration", (200, {}, answer))


def test_the_image_is_the_functions_and_said_to_differ_from_the_stacks(deployed: Aws) -> None:
    with_code(deployed, IMAGE.partition("@sha256:")[2])
    assert "image differs" not in deployed.run("status").out
    with_code(deployed, "b" * 64)
    document = json.loads(deployed.run("status", "--json").out)["function"]
    assert document["image_digest"] == f"sha256:{'b' * 64}"
    assert document["stack_image_digest"] == IMAGE.partition("@")[2]
    assert "image differs" in deployed.run("status").out


def test_a_hash_that_is_no_digest_is_not_taken_for_another_image(deployed: Aws) -> None:
    with_code(deployed, "4bmAKBWbYkvpyV8Uo4Ok5mDgoYWUT8dS2gcnnlRPQP4=")
    shown = " ".join(deployed.run("status").out.split())
    assert "by the stack" in shown
    assert "none in the last 14 days" in shown
    assert "image differs" not in shown


def test_status_shows_the_rest_where_logs_and_image_may_not_be_read(deployed: Aws) -> None:
    deployed.interfere("FilterLogEvents|DescribeImages", DENIED_PRICES)
    shown = deployed.run("status")
    assert shown.code == 0, shown.err
    words = " ".join(shown.out.split())
    assert "not known: logs:FilterLogEvents failed: AWS denied it" in words
    assert "not known: ecr:DescribeImages failed: AWS denied it" in words
