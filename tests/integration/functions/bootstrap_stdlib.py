"""A runtime client of the standard library alone, with one connection for everything."""

import http.client
import json
import os
import sys

connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def call(method, path, body=None):
    connection.request(method, "/2018-06-01/runtime/" + path, body)
    response = connection.getresponse()
    return response, response.read()


while True:
    got, body = call("GET", "invocation/next")
    request_id = got.headers["lambda-runtime-aws-request-id"]
    event = json.loads(body)
    sys.stdout.write(f"python got {request_id}\n")
    sys.stdout.flush()
    statuses = []
    if event.get("wrong_id"):
        statuses.append(call("POST", "invocation/nonsense/response", "{}")[0].status)
        statuses.append(call("GET", "invocation/nothing")[0].status)
    if event.get("fail"):
        error = {"errorType": "Foreign", "errorMessage": event["fail"]}
        call("POST", f"invocation/{request_id}/error", json.dumps(error))
    else:
        answer = {"by": "python", "event": event, "headers": dict(got.headers), "statuses": statuses}
        call("POST", f"invocation/{request_id}/response", json.dumps(answer))
