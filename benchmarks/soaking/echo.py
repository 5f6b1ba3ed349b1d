"""The function of ``soaking.emulator.Echo``, run by the emulated Lambda."""

from __future__ import annotations

import json
from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    told = {
        "body": json.loads(event["body"])["token"],
        "header": event["headers"]["x-token"],
        "request_id": context.aws_request_id,
    }
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(told)}
