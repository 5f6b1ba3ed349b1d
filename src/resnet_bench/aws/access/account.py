"""An AWS account as this program uses it: clients of its services in one region, and credentials to sign with."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

from resnet_bench.aws.access.clients import client, session_for
from resnet_bench.aws.access.failures import aws_errors


class Account:
    """Credentials and region from botocore's usual chain, narrowed by ``region`` and ``profile``.

    Nothing is looked up before it is needed. Endpoints follow botocore's own settings (``AWS_ENDPOINT_URL`` and the
    like), by which tests put another server in AWS's place.
    """

    def __init__(self, *, region: str | None = None, profile: str | None = None) -> None:
        self._region, self._profile = region, profile
        self.client = cache(self._make)

    @cached_property
    def _session(self) -> Any:
        return session_for(self._profile)

    def _make(self, service: str, region: str | None = None, *, invokes: bool = False) -> Any:
        """``region`` is for services that are not in every one; ``invokes`` for a client whose calls are measured."""
        return client(service, region=region or self._region, session=self._session, invokes=invokes)

    @property
    def region(self) -> str:
        """
        Raises:
            AwsError: none is set anywhere, or the profile does not exist.
        """
        return str(self.client("cloudformation").meta.region_name)

    def credentials(self) -> Any:
        """botocore's frozen credentials as they are now: asked for anew, they have been refreshed if need be.

        Raises:
            AwsError: there are none, or they cannot be fetched.
        """
        import botocore.exceptions

        with aws_errors("credentials (looking them up)"):
            found = self._session.get_credentials()
            if found is None:
                raise botocore.exceptions.NoCredentialsError
            return found.get_frozen_credentials()
