"""Signature version 4 for calls that are not boto3's: an HTTP API whose route asks for ``AWS_IAM``."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from resnet_bench.aws.access.account import Account

# All others may be changed, added or dropped by a proxy on the way, which would break the signature. Host is always
# signed, as the scheme demands.
_SIGNED = frozenset({"content-type"})


class Signer:
    """Signs requests with the account's credentials, asked for anew each time, because they are refreshed.

    Raises:
        AwsError: there are no credentials. It is said when the signer is made, which also loads what signing needs, so
            that no measured call pays for that.
    """

    def __init__(self, account: Account, region: str, service: str = "execute-api") -> None:
        import botocore.auth

        # Its debug messages hold the session token.
        logging.getLogger(botocore.auth.__name__).setLevel(logging.INFO)
        account.credentials()
        self._account, self._region, self._service = account, region, service

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The headers to add to a request: ``Authorization``, ``X-Amz-Date``, and a session's token.

        ``url`` is signed as it will be sent, port and escapes included.

        Raises:
            AwsError: the credentials cannot be refreshed.
        """
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        sent = {name: value for name, value in headers.items() if name.lower() in _SIGNED}
        request = AWSRequest(method=method, url=url, headers=sent, data=body)
        SigV4Auth(self._account.credentials(), self._service, self._region).add_auth(request)
        return {name: value for name, value in request.headers.items() if name not in sent}
