"""ISO weeks, from Monday to Monday by the reader's clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from db.core.errors import BadInput

WEEK = timedelta(days=7)


def week_of(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The edges (UTC) of an ISO week such as 2026-W47, from Monday 00:00 in `zone`."""
    try:
        year, number = text.upper().split("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
        return _midnight(monday, zone), _midnight(monday + WEEK, zone)
    except (ValueError, OverflowError):
        raise BadInput(f"not an ISO week: {text[:40]!r}; write 2026-W47") from None


def week_with(instant: datetime, zone: ZoneInfo) -> str:
    """The ISO week that holds an instant by the clock of `zone`."""
    year, number, _ = instant.astimezone(zone).isocalendar()
    return f"{year}-W{number:02}"


def iso_week(start: datetime, end: datetime, zone: ZoneInfo) -> str | None:
    """The ISO week that a span is, by the clock of `zone`; None where it is no week."""
    week = week_with(start, zone)
    return week if (start, end) == week_of(week, zone) else None


def last_week(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The edges of the last ISO week that is over."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return _midnight(monday - WEEK, zone), _midnight(monday, zone)


def last_day(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The edges of the last day that is over."""
    today = now.astimezone(zone).date()
    return _midnight(today - timedelta(days=1), zone), _midnight(today, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
