"""ISO weeks by the reader's clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.core.errors import BadInput
from shrug.measure import weeks

ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]).map(ZoneInfo)
FIRST, LAST = datetime(2001, 1, 1), datetime(2099, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


@given(INSTANTS, ZONES)
def test_every_instant_lies_in_the_week_that_is_named_for_it(
    instant: datetime, zone: ZoneInfo
) -> None:
    name = weeks.iso_week_at(instant, zone)
    start, end = weeks.parse_iso_week(name, zone)
    assert start <= instant < end
    assert weeks.iso_week_of_span(start, end, zone) == name


@given(INSTANTS, ZONES)
def test_the_last_week_and_the_last_day_are_over_and_end_at_midnight(
    now: datetime, zone: ZoneInfo
) -> None:
    for last in (weeks.last_week, weeks.last_day):
        start, end = last(now, zone)
        assert start < end <= now
        assert end.astimezone(zone).hour == 0
    assert weeks.last_week(now, zone)[0].astimezone(zone).weekday() == 0


def test_a_week_with_a_change_of_the_clock_is_an_hour_shorter() -> None:
    start, end = weeks.parse_iso_week("2026-w10", ZoneInfo("America/New_York"))
    assert start.astimezone(ZoneInfo("America/New_York")).date() == date(2026, 3, 2)
    assert end - start == timedelta(days=7, hours=-1)


def test_a_span_that_is_no_week_has_no_name() -> None:
    start, end = weeks.parse_iso_week("2026-W10", ZoneInfo("UTC"))
    assert weeks.iso_week_of_span(start, end + timedelta(days=1), ZoneInfo("UTC")) is None


@pytest.mark.parametrize("text", ["2026-W54", "2026-10", "W10", "99999-W01", "2026-W1-W2", ""])
def test_a_name_that_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not an ISO week"):
        weeks.parse_iso_week(text, ZoneInfo("UTC"))
