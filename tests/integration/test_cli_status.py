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
    assert [call["report"]["request_id"] for call in document["calls"]] == ["7", "6", "5", "4", "3"]
    assert document["changed_by_a_run"] is True
    assert document["image_digest"] == IMAGE.partition("@")[2]
    shown = deployed.run("status")
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "left changed" in shown.out
    assert "Last calls" in shown.out
    assert "612" in shown.out


def test_status_shows_the_rest_where_logs_and_image_may_not_be_read(deployed: Aws) -> None:
    deployed.interfere("FilterLogEvents|DescribeImages", DENIED_PRICES)
    shown = deployed.run("status")
    assert shown.code == 0, shown.err
    words = " ".join(shown.out.split())
    assert "not known: logs:FilterLogEvents failed: AWS denied it" in words
    assert "not known: ecr:DescribeImages failed: AWS denied it" in words
