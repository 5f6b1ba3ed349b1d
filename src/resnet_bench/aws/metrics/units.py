"""In which unit a metric's values are: GetMetricData does not say, so it has to be known by name."""

from __future__ import annotations

from resnet_bench import emf
from resnet_bench.results.metrics import MetricUnit
from resnet_bench.units import MIB

# "Types of metrics for Lambda functions" (Lambda developer guide); "Monitor CloudWatch metrics for HTTP APIs" and
# "Amazon API Gateway dimensions and metrics" (API Gateway developer guide).
_BY_NAME = {
    "AWS/Lambda": {
        **dict.fromkeys(("Invocations", "Errors", "Throttles", "DeadLetterErrors"), "Count"),
        **dict.fromkeys(("ConcurrentExecutions", "UnreservedConcurrentExecutions"), "Count"),
        **dict.fromkeys(("Duration", "PostRuntimeExtensionsDuration", "IteratorAge"), "Milliseconds"),
    },
    "AWS/ApiGateway": {
        **dict.fromkeys(("Count", "4xx", "5xx"), "Count"),
        **dict.fromkeys(("Latency", "IntegrationLatency"), "Milliseconds"),
        "DataProcessed": "Bytes",
    },
    emf.NAMESPACE: emf.UNITS,
}
# Made of a stack's REPORT lines by metric filters (``stack/template.yaml``), in a namespace below this program's.
_OF_REPORTS = {"InitDuration": "Milliseconds", "MaxMemoryUsed": "Megabytes"}
# What a value is multiplied by. Lambda's megabytes, and this program's, are of 1024 x 1024 bytes.
_CONVERSIONS: dict[str, tuple[MetricUnit, float]] = {
    "Milliseconds": ("seconds", 1e-3),
    "Bytes": ("bytes", 1.0),
    "Megabytes": ("bytes", float(MIB)),
    "Percent": ("percent", 1e-2),
    "Count": ("count", 1.0),
}
_UNKNOWN: tuple[MetricUnit, float] = ("number", 1.0)


def conversion(namespace: str, name: str, stat: str) -> tuple[MetricUnit, float]:
    """The unit of a metric's values here, and the factor that brings CloudWatch's there.

    A metric that is not known here keeps its numbers as they are, without a unit.
    """
    if stat == "SampleCount":
        return "count", 1.0
    own = namespace.startswith(f"{emf.NAMESPACE}/")
    names = _OF_REPORTS if own else _BY_NAME.get(namespace, {})
    return _CONVERSIONS.get(names.get(name, ""), _UNKNOWN)
