"""Options: times, zones and spans from the command line."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.core.errors import BadInput
from shrug.cli import options

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_time_without_an_offset_is_in_the_readers_zone() -> None:
    assert options.read_instant("2025-08-11T21:50", SHANGHAI, "--from") == datetime(
        2025, 8, 11, 13, 50, tzinfo=UTC
    )
    assert options.read_instant("2025-08-11T21:50Z", SHANGHAI, "--from") == datetime(
        2025, 8, 11, 21, 50, tzinfo=UTC
    )
    assert options.read_optional_instant("", SHANGHAI, "--from") is None


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "\0"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="no such time zone"):
        options.read_zone(name)


@given(st.integers(-(10**6), 10**6))
def test_a_span_must_start_before_it_ends(seconds: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    end = start + timedelta(seconds=seconds)
    if seconds > 0:
        assert options.checked_span(start, end) == (start, end)
    else:
        with pytest.raises(BadInput, match="is not before"):
            options.checked_span(start, end)


def test_a_provider_is_named_by_any_of_its_names() -> None:
    assert options.provider_key("深度求索") == "deepseek"
    assert options.provider_key("") is None
