"""The handler's metrics as one log line in CloudWatch's embedded metric format (EMF specification, version 0).

CloudWatch turns the line into metrics by itself, so that the function waits for no network. Lambda imports this module.
"""

from __future__ import annotations

import json
import os
import time

from resnet_bench.results.records import Answer
from resnet_bench.units import MIB

NAMESPACE = "resnet-bench"
# By the names that CloudWatch knows for units; whoever reads the metrics needs them too, for it does not tell.
UNITS = {
    "Total": "Milliseconds",
    "Decode": "Milliseconds",
    "Preprocess": "Milliseconds",
    "Inference": "Milliseconds",
    "Postprocess": "Milliseconds",
    "MemoryUsed": "Megabytes",
    "MemoryUtilisation": "Percent",
    "ColdStart": "Count",
}


def metrics_line(answer: Answer) -> str:
    """Stage times in milliseconds, memory in MB and percent, and the cold flag, by function and engine.

    The function is named by Lambda's own variable, so that two stacks do not mix their figures.
    """
    stages, memory = answer.stages, answer.memory
    values = {
        "Total": stages.total_s * 1e3,
        "Decode": stages.decode_s * 1e3,
        "Preprocess": stages.preprocess_s * 1e3,
        "Inference": stages.inference_s * 1e3,
        "Postprocess": stages.postprocess_s * 1e3,
        "MemoryUsed": memory.peak_rss_bytes / MIB,
        "MemoryUtilisation": (memory.utilisation or 0.0) * 100,
        "ColdStart": int(answer.identity.cold_start),
    }
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["FunctionName", "Engine"]],
        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
    }
    return json.dumps(
        {
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
            "FunctionName": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            "Engine": answer.runtime.engine,
            "RequestId": answer.identity.request_id,
            **values,
        }
    )
