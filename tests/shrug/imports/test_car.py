"""Exports of atproto repositories that are damaged or hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrug.imports.car import post_records


@given(st.binary(max_size=200))
def test_bytes_that_are_no_repository_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        list(post_records(body))
