"""The posts of one source on one provider around one outage, as arrays of numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.arrays import Floats


@dataclass(frozen=True, slots=True)
class Channel:
    """Counts and exposure of one source and provider.

    History is laid out in days of 24 hours that start at the clock hour in which the window
    starts, so that row d holds the 24 hours that begin (d + 1) days before it.

    counts, exposure: shape (days, 24); posts, and the share of each hour in [0, 1] that was read
    completely and belongs to no known outage. weekday: shape (days,), 0 to 6, of the row's first
    hour; start_hour: its hour of the day, so that the weekday changes within a row.
    shares: shape (hours,); how much of each of the window's clock hours the window takes.
    block_counts, block_exposure: shape (blocks,); the same window laid `1, 2, …` periods earlier:
    its posts, and the hours of it that were read. period_days: days from one block to the next.
    observed: posts in the window. window_exposure: hours of it that were read completely.
    capped: whether a source's cap cut the window, so that `observed` is a lower bound.
    control: posts of the source in the window on whatever provider.
    """

    counts: Floats
    exposure: Floats
    weekday: NDArray[np.int64]
    window_weekday: int
    start_hour: int
    shares: Floats
    block_counts: Floats
    block_exposure: Floats
    period_days: int
    observed: int
    window_exposure: float
    capped: bool
    control: int

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """The weekday of each hour of history, shape (days, 24)."""
        return (self.weekday[:, None] + self.days_on(np.arange(24))[None, :]) % 7

    def days_on(self, hours: NDArray[np.int64]) -> NDArray[np.int64]:
        """Midnights between the first hour of a row and each of `hours` after it."""
        return (self.start_hour + hours) // 24

    @property
    def window_hours(self) -> float:
        """The length of the window."""
        return float(self.shares.sum())
