"""Bursts in hourly counts: hours that hold far more posts than they would without an outage.

A burst suggests an outage that no ledger holds. It proves none: whatever is loud makes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.attention.channel import Channel, Floats
from analysis.attention.verdicts import Measured, measure_all

HISTORY_DAYS = 28
LEAST_DAYS = 14
# An hour is only looked at where it holds this many times the median of the same hours, and posts.
WORTH_A_LOOK, LEAST_POSTS = 2.0, 5
# An hour begins a burst where it would be this rare without an outage, at least doubles what is
# expected, and no same hour of the history held as much.
RARE, DOUBLE = 1e-6, 2.0
# Alarms no further apart than this are one burst.
PAUSE = 3
DAY = 24


@dataclass(frozen=True, slots=True)
class Burst:
    """Hours [first, last] (positions in the counts) and the highest ratio among them."""

    first: int
    last: int
    posts: int
    ratio: float


def bursts(counts: Floats, exposure: Floats, start_hour: int, start_weekday: int) -> list[Burst]:
    """Bursts in a series of hourly counts, in order; the first LEAST_DAYS can hold none.

    counts, exposure: shape (hours,); posts, and the share of each hour that was read.
    start_hour, start_weekday: of the first hour.
    """
    looked = [h for h in _candidates(counts, exposure) if exposure[h] >= 0.5]
    pairs = [("", _channel(counts, exposure, h, start_hour, start_weekday)) for h in looked]
    alarms = [
        (hour, found)
        for hour, found in zip(looked, measure_all(pairs), strict=True)
        if _alarms(found)
    ]
    return _joined(alarms)


def _candidates(counts: Floats, exposure: Floats) -> NDArray[np.int64]:
    """Hours that hold far more than the median of the same hours before them."""
    hours = np.arange(LEAST_DAYS * DAY, len(counts))
    if not len(hours):
        return hours
    back = np.arange(1, HISTORY_DAYS + 1) * DAY
    rows = hours[:, None] - back[None, :]
    seen = np.where(rows >= 0, counts[np.maximum(rows, 0)], np.nan)
    seen = np.where((rows >= 0) & (exposure[np.maximum(rows, 0)] >= 0.5), seen, np.nan)
    some = np.isfinite(seen).any(axis=1)
    usual = np.zeros(len(hours))
    usual[some] = np.nanmedian(seen[some], axis=1)
    own = counts[hours]
    return np.asarray(hours[(own >= LEAST_POSTS) & (own > WORTH_A_LOOK * usual)], dtype=np.int64)


def _channel(
    counts: Floats, exposure: Floats, hour: int, start_hour: int, start_weekday: int
) -> Channel:
    """The hour as a window, with the days before it as its history."""
    days = min(HISTORY_DAYS, hour // DAY)
    begin = hour - days * DAY
    grid = counts[begin:hour].reshape(days, DAY)[::-1]
    read = exposure[begin:hour].reshape(days, DAY)[::-1]
    at = start_hour + hour
    weekday = (start_weekday + at // DAY) % 7
    return Channel(
        counts=grid * (read > 0),
        exposure=read,
        weekday=(weekday - 1 - np.arange(days)) % 7,
        window_weekday=weekday,
        start_hour=at % DAY,
        shares=np.ones(1),
        block_counts=grid[:, 0],
        block_exposure=read[:, 0],
        period_days=1,
        observed=int(counts[hour]),
        window_exposure=float(exposure[hour]),
        capped=False,
        control=1,
    )


def _alarms(found: Measured) -> bool:
    rare = found.p_value is not None and found.p_value <= RARE
    alone = found.placebo_p is not None and found.placebo_p <= 1 / (1 + found.blocks)
    return rare and alone and found.ratio is not None and found.ratio.low >= DOUBLE


def _joined(alarms: Sequence[tuple[int, Measured]]) -> list[Burst]:
    joined: list[Burst] = []
    for hour, found in alarms:
        ratio = found.ratio.estimate if found.ratio else 1.0
        last = joined[-1] if joined else None
        if last and hour - last.last <= PAUSE:
            joined[-1] = Burst(
                last.first, hour, last.posts + found.observed, max(last.ratio, ratio)
            )
        else:
            joined.append(Burst(hour, hour, found.observed, ratio))
    return joined
