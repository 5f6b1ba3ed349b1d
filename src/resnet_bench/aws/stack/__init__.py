"""The CloudFormation stack that holds everything this program makes on AWS: found, applied, watched, deleted."""

from resnet_bench.aws.stack.find import Deployed, find

__all__ = ["Deployed", "find"]
