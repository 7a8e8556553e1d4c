"""Build the arrays of a Channel from counts, coverage and outages."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np

from analysis.attention.channel import Channel
from analysis.attention.expected import DAYS_A_WEEK
from analysis.attention.local_time import DAY, HOUR, history_hours, same_time_earlier
from analysis.statistics.arrays import Floats

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Parameters:
    """How an outage is measured; the defaults are the specification's."""

    lead: timedelta = timedelta(minutes=30)
    lag: timedelta = timedelta(hours=2)
    weeks: int = 8
    aftermath: timedelta = DAY

    def window(self, start: datetime, end: datetime) -> Window:
        """The time in which people speak of an outage, in UTC."""
        return (start - self.lead).astimezone(UTC), (end + self.lag).astimezone(UTC)

    def history(self, window: Window) -> Window:
        """The whole hours before the window that its baseline needs, and a day more because the
        same local time can be an hour earlier."""
        first = floor_hour(window[0])
        return first - timedelta(weeks=self.weeks) - DAY, first


def floor_hour(instant: datetime) -> datetime:
    """The beginning of an instant's hour."""
    return instant.replace(minute=0, second=0, microsecond=0)


def edge_hours(window: Window, parameters: Parameters, zone: tzinfo) -> tuple[int, ...]:
    """Hours of the day (UTC) that the window, or the same window on an earlier day, covers only in
    part; their posts are counted one by one."""
    starts = np.append(_blocks(window, parameters, zone), window[0].timestamp())
    edges = np.concatenate([starts, starts + (window[1] - window[0]).total_seconds()])
    return tuple(sorted({int(t // 3600 % 24) for t in edges if t % 3600}))


class Coverage:
    """Merged spans that can tell how much of any stretch of time they cover."""

    def __init__(self, spans: Iterable[Window]) -> None:
        merged: list[list[float]] = []
        for start, end in sorted((s.timestamp(), e.timestamp()) for s, e in spans):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        self._edges = np.array([t for span in merged for t in span], dtype=np.float64)
        lengths = np.array([end - start for start, end in merged], dtype=np.float64)
        total = np.concatenate([[0.0], np.cumsum(lengths)])
        self._covered = np.repeat(total, 2)[1:-1]

    def seconds_before(self, times: Floats) -> Floats:
        """Seconds covered before each time."""
        if not len(self._edges):
            return np.zeros_like(times)
        return np.asarray(np.interp(times, self._edges, self._covered), dtype=np.float64)

    def hours(self, starts: Floats, ends: Floats) -> Floats:
        """Hours covered in each stretch [start, end), in seconds since the epoch."""
        return (self.seconds_before(ends) - self.seconds_before(starts)) / 3600

    def covers(self, times: Floats) -> Floats:
        """1 for each time that is covered, else 0."""
        return (np.searchsorted(self._edges, times, side="right") % 2).astype(np.float64)


@dataclass(frozen=True, slots=True)
class ChannelInputs:
    """Posts, coverage and outages of one provider and source: the inputs of a channel.

    hourly: posts by clock hour (UTC). edge_times: posts of the edge hours, ascending.
    window_times: posts of the window. whole: spans read completely; cut: spans read up to a cap.
    outages: known outages of the provider other than the one at hand.
    """

    hourly: Mapping[datetime, int]
    edge_times: Sequence[datetime]
    window_times: Sequence[datetime]
    whole: Sequence[Window]
    cut: Sequence[Window]
    outages: Sequence[Window]
    control: int


def build_channel(
    material: ChannelInputs, window: Window, parameters: Parameters, zone: tzinfo = UTC
) -> Channel:
    """Build a channel; hours of other outages and of capped reading have no exposure.

    zone: the time zone of the hour of the day and the day of the week.
    """
    first = floor_hour(window[0])
    n_hours = math.ceil((window[1] - first) / HOUR)
    starts = np.array([(first + i * HOUR).timestamp() for i in range(n_hours)])
    shares = _shares(starts, window)
    days = parameters.weeks * DAYS_A_WEEK
    hours, there = history_hours(first, days, zone)
    whole, any_ = Coverage(material.whole), Coverage([*material.whole, *material.cut])
    barred = Coverage([(s, e + parameters.aftermath) for s, e in material.outages])
    exposure = there * whole.hours(hours, hours + 3600) * (barred.hours(hours, hours + 3600) == 0)
    blocks = _blocks(window, parameters, zone)
    length = window[1].timestamp() - window[0].timestamp()
    block_exposure = whole.hours(blocks, blocks + length) * (
        barred.hours(blocks, blocks + length) == 0
    )
    times = _seconds(material.window_times)
    span = np.array([window[0].timestamp()]), np.array([window[1].timestamp()])
    read, whole_read = float(any_.hours(*span)[0]), float(whole.hours(*span)[0])
    local = first.astimezone(zone)
    return Channel(
        counts=there * _counts(material.hourly, hours),
        exposure=exposure,
        weekday=(local.weekday() - 1 - np.arange(days, dtype=np.int64)) % DAYS_A_WEEK,
        window_weekday=local.weekday(),
        start_hour=local.hour,
        shares=shares,
        block_counts=_block_counts(material, blocks, length),
        block_exposure=block_exposure,
        period_days=_period(window),
        observed=int(any_.covers(times).sum()),
        window_exposure=read,
        capped=read - whole_read > 1e-6,
        control=material.control,
    )


def _seconds(times: Sequence[datetime]) -> Floats:
    return np.array([t.timestamp() for t in times], dtype=np.float64)


def _shares(starts: Floats, window: Window) -> Floats:
    begins = np.maximum(starts, window[0].timestamp())
    ends = np.minimum(starts + 3600, window[1].timestamp())
    return np.asarray((ends - begins) / 3600, dtype=np.float64)


def _counts(hourly: Mapping[datetime, int], grid: Floats) -> Floats:
    by_time = {hour.timestamp(): posts for hour, posts in hourly.items()}
    posts = [by_time.get(start, 0) for start in grid.ravel()]
    return np.array(posts, dtype=np.float64).reshape(grid.shape)


def _blocks(window: Window, parameters: Parameters, zone: tzinfo) -> Floats:
    """When the same window starts on earlier days."""
    period = _period(window)
    number = parameters.weeks * DAYS_A_WEEK // period
    return same_time_earlier(window[0], period * (np.arange(number) + 1), zone)


def _period(window: Window) -> int:
    """Days from one block to the next."""
    return max(1, math.ceil((window[1] - window[0]) / DAY))


def _block_counts(material: ChannelInputs, blocks: Floats, length: float) -> Floats:
    """Posts in each block: its whole hours from the hourly counts, its edges one by one."""
    hours = np.array(sorted(h.timestamp() for h in material.hourly), dtype=np.float64)
    by_time = {h.timestamp(): n for h, n in material.hourly.items()}
    running = np.concatenate([[0], np.cumsum([by_time[h] for h in hours])])
    edges = _seconds(material.edge_times)
    total = np.zeros(len(blocks))
    for k, start in enumerate(blocks):
        end = start + length
        inner, outer = math.ceil(start / 3600) * 3600, math.floor(end / 3600) * 3600
        if inner > outer:
            total[k] = _between(edges, start, end)
            continue
        first, last = np.searchsorted(hours, [inner, outer])
        total[k] = running[last] - running[first]
        total[k] += _between(edges, start, inner) + _between(edges, outer, end)
    return total


def _between(times: Floats, start: float, end: float) -> int:
    first, last = np.searchsorted(times, [start, end])
    return int(last - first)
