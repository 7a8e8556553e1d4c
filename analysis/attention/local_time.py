"""The same local time on earlier days. People get up at seven by their clocks, before and after
daylight saving time begins, not at 23:00 UTC."""

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.arrays import Floats

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def same_time_earlier(instant: datetime, days: NDArray[np.int64], zone: tzinfo) -> Floats:
    """The instants of the same local time so many days before, in seconds since the epoch.

    For a time that clocks skipped it is an hour later; of a time that came twice it is the first.
    """
    wall = instant.astimezone(zone)
    return np.array([(wall - int(d) * DAY).timestamp() for d in days], dtype=np.float64)


def history_hours(first: datetime, days: int, zone: tzinfo) -> tuple[Floats, NDArray[np.bool_]]:
    """The start of each hour of history, in seconds, and whether that hour existed.

    shape (days, 24): row d begins (d + 1) days before `first` in local time. If clocks were set
    forward, an hour is missing; if they were set back, one hour is in no row.
    """
    starts = same_time_earlier(first, np.arange(days) + 1, zone)
    hours = np.asarray(starts[:, None] + 3600.0 * np.arange(24)[None, :], dtype=np.float64)
    there = np.ones_like(hours, dtype=np.bool_)
    lengths = np.diff(np.concatenate([starts[::-1], [first.timestamp()]]))[::-1]
    for row in np.flatnonzero(lengths != DAY.total_seconds()):
        wall = first.astimezone(zone) - (int(row) + 1) * DAY
        for k in range(24):
            hours[row, k], there[row, k] = _hour(wall + k * HOUR)
    return hours, there


def _hour(wall: datetime) -> tuple[float, bool]:
    """A wall-clock hour's start in seconds, and whether clocks ever showed it."""
    back = wall.astimezone(UTC).astimezone(wall.tzinfo)
    return wall.timestamp(), back.replace(tzinfo=None) == wall.replace(tzinfo=None)
