"""ISO weeks, from Monday to Monday by the reader's clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from db.core.errors import BadInput

WEEK = timedelta(days=7)


def parse_iso_week(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return start and end (UTC) of an ISO week such as 2026-W47, from Monday 00:00 in `zone`.

    Raises BadInput if the text is no ISO week.
    """
    try:
        year, number = text.upper().split("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
        return _midnight(monday, zone), _midnight(monday + WEEK, zone)
    except (ValueError, OverflowError):
        raise BadInput(f"not an ISO week: {text[:40]!r}; write 2026-W47") from None


def iso_week_at(instant: datetime, zone: ZoneInfo) -> str:
    """Return the ISO week of an instant in `zone`, such as 2026-W47."""
    year, number, _ = instant.astimezone(zone).isocalendar()
    return f"{year}-W{number:02}"


def iso_week_of_span(start: datetime, end: datetime, zone: ZoneInfo) -> str | None:
    """Return the ISO week that a span is in `zone`; None if it is no week."""
    week = iso_week_at(start, zone)
    return week if (start, end) == parse_iso_week(week, zone) else None


def last_week(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return start and end (UTC) of the last ISO week that is over in `zone`."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return _midnight(monday - WEEK, zone), _midnight(monday, zone)


def last_day(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return start and end (UTC) of the last day that is over in `zone`."""
    today = now.astimezone(zone).date()
    return _midnight(today - timedelta(days=1), zone), _midnight(today, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
