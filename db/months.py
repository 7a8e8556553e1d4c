"""Months of UTC, by which old posts are put away."""

from collections.abc import Iterator
from datetime import UTC, datetime


def month_of(at: datetime) -> datetime:
    """The first instant of the month that holds `at`."""
    utc = at.astimezone(UTC)
    return datetime(utc.year, utc.month, 1, tzinfo=UTC)


def after(month: datetime) -> datetime:
    """The first instant of the month that follows."""
    year, number = divmod(month.year * 12 + month.month, 12)
    return datetime(year, number + 1, 1, tzinfo=UTC)


def back(month: datetime, number: int) -> datetime:
    """The first instant of the month so many months before."""
    year, own = divmod(month.year * 12 + month.month - 1 - number, 12)
    return datetime(year, own + 1, 1, tzinfo=UTC)


def between(start: datetime, end: datetime) -> Iterator[datetime]:
    """The months that [start, end) touches."""
    month = month_of(start)
    while month < end:
        yield month
        month = after(month)
