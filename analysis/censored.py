"""Peaks of heat where outages that never reached a board count too: all that is known of them is
that they drew less than the board's last entry."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import CensoredData, ecdf

from analysis.attention.interval import Interval
from analysis.comparison import LEAST_EVENTS


def share_below(value: float, peaks: Sequence[float], bounds: Sequence[float]) -> Interval | None:
    """The share of outages that drew less than `value`, with its 95% interval.

    peaks: of those that reached the board. bounds: for each of the others the heat that it drew
    less than. Kaplan and Meier's estimate (1958) on the negated logarithm, on which a bound from
    above is a time that had not come yet; its interval is Greenwood's on the log-log scale. None
    with under LEAST_EVENTS outages, or where none of them reached the board.
    """
    if len(peaks) + len(bounds) < LEAST_EVENTS or not peaks:
        return None
    times = -np.log(np.array([*peaks, *bounds], dtype=np.float64))
    censored = np.repeat([False, True], [len(peaks), len(bounds)])
    survival: Any = ecdf(CensoredData.right_censored(times, censored)).sf
    at = -np.log(value)
    estimate = float(survival.evaluate(at))
    with warnings.catch_warnings():
        # It is undefined at the edges, which is seen to below.
        warnings.simplefilter("ignore", RuntimeWarning)
        both = survival.confidence_interval(method="log-log")
    low, high = (float(curve.evaluate(at)) for curve in (both.low, both.high))
    if not np.isfinite(low + high):
        # Before the first peak, or after the last: the edge itself is all that is known.
        low, high = (0.0, estimate) if estimate < 1 else (1 - 3 / len(times), 1.0)
    return Interval(estimate, min(low, estimate), max(high, estimate))
