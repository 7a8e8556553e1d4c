"""Times are parsed with their zone, or in the given one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.core.errors import BadInput
from db.core.times import read_time, read_time_option

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=OFFSETS))
def test_an_iso_time_keeps_its_own_zone(at: datetime) -> None:
    read = read_time(at.isoformat(), UTC)
    assert read == at
    assert read.utcoffset() == at.utcoffset()


def test_a_time_without_a_zone_needs_one() -> None:
    beijing = timezone(timedelta(hours=8))
    assert read_time("2026-03-01 20:00", beijing) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="has no zone"):
        read_time("2026-03-01 20:00")


@pytest.mark.parametrize("text", ["yesterday", "", "0001-01-01T00:00+14:00"])
def test_an_unusable_option_is_bad_input_with_an_example(text: str) -> None:
    with pytest.raises(BadInput, match=r"--since: not a time: .* write 2026-03-01"):
        read_time_option(text, UTC, "--since", "2026-03-01")
