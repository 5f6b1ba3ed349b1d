"""One HTTP call, timed with as little client as there is: the standard library's, over a kept-alive connection."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from resnet_bench.errors import HttpError

# A cold start of the plain design takes five seconds; one that takes this long is broken.
_TIMEOUT_S = 60.0
_OK = 200
# Of any other answer, this much is quoted.
_QUOTED_BYTES = 200


@dataclass(frozen=True)
class Call:
    """``seconds`` from before the request to the last byte of the answer."""

    seconds: float
    answer: bytes


class Caller:
    """Posts the same body to ``url`` again and again."""

    def __init__(self, url: str, body: bytes, content_type: str = "application/json") -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_S)
        self._url = url
        self._path = parts.path or "/"
        self._body = body
        self._headers = {"content-type": content_type}

    def call(self) -> Call:
        """
        Raises:
            HttpError: another answer than 200.
        """
        began_s = time.perf_counter()
        self._connection.request("POST", self._path, self._body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        took_s = time.perf_counter() - began_s
        if response.status != _OK:
            told = answer[:_QUOTED_BYTES].decode(errors="replace")
            raise HttpError(
                f"{self._url} answered {response.status}: {told}", "call it by hand", status=response.status
            )
        return Call(took_s, answer)

    def took_s(self) -> float:
        return self.call().seconds

    def close(self) -> None:
        self._connection.close()
