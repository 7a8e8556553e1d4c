"""Bursts in hourly counts: hours with far more posts than expected.

A burst suggests an outage that is in no ledger. It proves none: any loud event makes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.attention.channel import Channel
from analysis.attention.verdicts import Measurement, measure_all
from analysis.statistics.arrays import Floats

HISTORY_DAYS = 28
MIN_HISTORY_DAYS = 14
# An hour is tested only with this many times the median of the same hours, and this many posts.
CANDIDATE_RATIO, CANDIDATE_POSTS = 2.0, 5
# An hour is an alarm if it is this improbable, if its ratio is surely above this, and if no same
# hour of the history had as many posts.
ALARM_P_VALUE, ALARM_RATIO = 1e-6, 2.0
# Alarms no more hours apart than this are one burst.
MERGE_HOURS = 3
DAY = 24


@dataclass(frozen=True, slots=True)
class Burst:
    """Hours [first, last] (indices into the counts) and the highest ratio among them."""

    first: int
    last: int
    posts: int
    ratio: float


def find_bursts(
    counts: Floats, exposure: Floats, start_hour: int, start_weekday: int
) -> list[Burst]:
    """Find the bursts in a series of hourly counts, in order; none in the first MIN_HISTORY_DAYS.

    counts, exposure: shape (hours,); posts, and the share of each hour that was read.
    start_hour, start_weekday: hour of the day and weekday of the first hour.
    """
    hours = [h for h in _candidates(counts, exposure) if exposure[h] >= 0.5]
    pairs = [("", _channel(counts, exposure, h, start_hour, start_weekday)) for h in hours]
    measured = zip(hours, measure_all(pairs), strict=True)
    return _merged([(hour, each) for hour, each in measured if _is_alarm(each)])


def _candidates(counts: Floats, exposure: Floats) -> NDArray[np.int64]:
    """Hours with far more posts than the median of the same hours before them."""
    hours = np.arange(MIN_HISTORY_DAYS * DAY, len(counts))
    if not len(hours):
        return hours
    back = np.arange(1, HISTORY_DAYS + 1) * DAY
    rows = hours[:, None] - back[None, :]
    seen = np.where(rows >= 0, counts[np.maximum(rows, 0)], np.nan)
    seen = np.where((rows >= 0) & (exposure[np.maximum(rows, 0)] >= 0.5), seen, np.nan)
    some = np.isfinite(seen).any(axis=1)
    usual = np.zeros(len(hours))
    usual[some] = np.nanmedian(seen[some], axis=1)
    posts = counts[hours]
    loud = (posts >= CANDIDATE_POSTS) & (posts > CANDIDATE_RATIO * usual)
    return np.asarray(hours[loud], dtype=np.int64)


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


def _is_alarm(hour: Measurement) -> bool:
    rare = hour.p_value is not None and hour.p_value <= ALARM_P_VALUE
    alone = hour.placebo_p is not None and hour.placebo_p <= 1 / (1 + hour.blocks)
    return rare and alone and hour.ratio is not None and hour.ratio.low >= ALARM_RATIO


def _merged(alarms: Sequence[tuple[int, Measurement]]) -> list[Burst]:
    merged: list[Burst] = []
    for hour, measured in alarms:
        ratio = measured.ratio.estimate if measured.ratio else 1.0
        burst = Burst(hour, hour, measured.observed, ratio)
        if merged and hour - merged[-1].last <= MERGE_HOURS:
            last = merged.pop()
            posts = last.posts + burst.posts
            burst = Burst(last.first, hour, posts, max(last.ratio, ratio))
        merged.append(burst)
    return merged
