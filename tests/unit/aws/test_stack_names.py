"""Names that no service, or not every service, takes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.aws.stack.names import checked_name
from resnet_bench.errors import UsageError


@pytest.mark.parametrize(
    "name", ["", "a", "A", "Resnet", "1a", "-a", "a-", "a--b", "a_b", "a.b", "a/b", "a b", "a\n", "\u00e4b", "a" * 41]
)
def test_another_name_is_refused_with_the_rule(name):
    with pytest.raises(UsageError, match="cannot be the name of a stack") as caught:
        checked_name(name)
    assert "lower-case letters" in caught.value.hint


@given(st.text(max_size=45) | st.from_regex(r"[a-z][a-z0-9-]{0,44}", fullmatch=True))
def test_what_is_taken_obeys_ecr_the_strictest(name):
    """ECR's pattern for repositories, from its service model."""
    try:
        checked_name(name)
    except UsageError:
        return
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name, re.ASCII)
    assert 2 <= len(name) <= 40
    assert name[0].isalpha()
