"""An image that is given by its address in ECR."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from resnet_bench.aws.access.clients import client
from resnet_bench.aws.stack.image import by_digest, parse
from resnet_bench.errors import AwsError, UsageError

REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/resnet-bench"
DIGEST = f"sha256:{'a' * 64}"


class RegistryAccount:
    region = "eu-west-1"

    def __init__(self):
        self.ecr = client("ecr", endpoint_url="http://127.0.0.1:9")

    def client(self, service):
        assert service == "ecr"
        return self.ecr


@pytest.fixture
def account():
    made = RegistryAccount()
    yield made
    made.ecr.close()


def test_a_digest_is_taken_as_it_is_without_asking(account):
    found = parse(f"{REPOSITORY}@{DIGEST}")
    assert (found.region, found.repository, found.tag, found.digest) == ("eu-west-1", "team/resnet-bench", "", DIGEST)
    assert by_digest(account, found) == f"{REPOSITORY}@{DIGEST}"


def test_a_tag_is_looked_up_for_the_digest_that_it_stands_for_now(account):
    with Stubber(account.ecr) as stub:
        asked = {"repositoryName": "team/resnet-bench", "imageIds": [{"imageTag": "latest"}]}
        stub.add_response("describe_images", {"imageDetails": [{"imageDigest": DIGEST}]}, asked)
        assert by_digest(account, parse(f"{REPOSITORY}:latest")) == f"{REPOSITORY}@{DIGEST}"


def test_a_tag_that_nothing_has_is_an_error(account):
    with Stubber(account.ecr) as stub:
        stub.add_client_error("describe_images", "ImageNotFoundException", "no such image")
        with pytest.raises(AwsError, match="ecr:DescribeImages failed"):
            by_digest(account, parse(f"{REPOSITORY}:gone"))


def test_an_image_of_another_region_is_refused(account):
    with pytest.raises(UsageError, match="the image is in us-east-1, the stack in eu-west-1"):
        by_digest(account, parse(f"{REPOSITORY.replace('eu-west-1', 'us-east-1')}@{DIGEST}"))


@pytest.mark.parametrize(
    "uri",
    ["", "resnet-bench", "docker.io/library/python:3.13", REPOSITORY, f"{REPOSITORY}@sha256:abc", f"{REPOSITORY}:a b"],
)
def test_what_is_no_image_in_ecr_is_refused_without_the_accounts_number(uri):
    with pytest.raises(UsageError, match="is not an image in ECR") as caught:
        parse(uri)
    assert "123456789012" not in caught.value.message
