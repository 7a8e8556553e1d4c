"""The same time on earlier days, by the clock that an audience lives by: people get up at seven,
not at 23:00 UTC, and go on doing so when their clocks are set forward."""

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from analysis.attention.channel import Floats

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def earlier(instant: datetime, days: NDArray[np.int64], zone: tzinfo) -> Floats:
    """When the clock showed the same time so many days before, in seconds since the epoch.

    A time that clocks skipped is that of an hour later; of one that came twice it is the first.
    """
    wall = instant.astimezone(zone)
    return np.array([(wall - int(d) * DAY).timestamp() for d in days], dtype=np.float64)


def grid(first: datetime, days: int, zone: tzinfo) -> tuple[Floats, NDArray[np.bool_]]:
    """The start of each hour of history, in seconds, and whether there was such an hour.

    shape (days, 24): row d begins (d + 1) days before `first`, by the clock. Where clocks were
    set forward an hour is missing; where they were set back, one belongs to no row.
    """
    starts = earlier(first, np.arange(days) + 1, zone)
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
