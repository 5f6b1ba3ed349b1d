"""resnet_bench's handler, and beside its answers the names of what its process has imported."""

import sys

from resnet_bench.handler import handler as classify


def handler(event, context):
    if event.get("rawPath") == "/modules":
        return {"modules": sorted(sys.modules)}
    return classify(event, context)
