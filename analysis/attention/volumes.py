"""Attention without text: page views and article counts of a provider, counted by others.

They are shown beside the verdict and never decide it: a page view says nothing of its reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from analysis.attention.windows import Window
from db.core.records import NewVolume

DAY = timedelta(days=1)
# The same hours of so many earlier days are compared, and so many of them are needed.
MAX_DAYS = 56
MIN_DAYS = 14


@dataclass(frozen=True, slots=True)
class VolumeComparison:
    """A series over an outage: `observed` in the slots that its window touches, `usual` in the same
    hours of earlier days (median), and the ratio of both, or of their shares of all series if the
    total is known. placebo_p: how often an earlier day had as much, as a p-value. Null if too few
    such days are known."""

    source: str
    series: str
    minutes: int
    observed: float
    usual: float | None
    ratio: float | None
    placebo_p: float | None
    days: int


def compare_volumes(
    source: str,
    series: str,
    points: Sequence[NewVolume],
    window: Window,
    barred: Iterable[Window] = (),
) -> VolumeComparison | None:
    """Compare a series over a window with the same hours of up to MAX_DAYS earlier days, without
    days that touch a barred window. None if some of the window is not known."""
    known = {point.start: point for point in points}
    ordered = sorted(known.values(), key=lambda p: p.start)
    touched = [p for p in ordered if p.start < window[1] and p.end > window[0]]
    if not _covers(touched, window):
        return None
    away = list(barred)
    earlier = [
        slots
        for days in range(1, MAX_DAYS + 1)
        if (slots := _shifted(known, touched, days * DAY)) and not _touches(slots, away)
    ]
    observed = sum(p.value for p in touched)
    minutes = touched[0].minutes
    if len(earlier) < MIN_DAYS:
        return VolumeComparison(source, series, minutes, observed, None, None, None, len(earlier))
    shares = [_share(slots) for slots in earlier]
    share, usual = _share(touched), median(shares)
    as_much = sum(s >= share for s in shares)
    return VolumeComparison(
        source,
        series,
        minutes,
        observed,
        median(sum(p.value for p in slots) for slots in earlier),
        share / usual if usual > 0 else None,
        (1 + as_much) / (1 + len(earlier)),
        len(earlier),
    )


def _covers(slots: Sequence[NewVolume], window: Window) -> bool:
    """Whether slots, ascending, follow each other from before a window to after it."""
    if not slots or slots[0].start > window[0] or slots[-1].end < window[1]:
        return False
    return all(slot.end == following.start for slot, following in pairwise(slots))


def _shifted(
    known: Mapping[datetime, NewVolume], slots: Sequence[NewVolume], by: timedelta
) -> list[NewVolume]:
    """The same slots so much earlier; an empty list if one of them is not known."""
    starts = [slot.start - by for slot in slots]
    return [known[start] for start in starts] if all(s in known for s in starts) else []


def _touches(slots: Sequence[NewVolume], windows: Sequence[Window]) -> bool:
    return any(p.start < end and p.end > start for p in slots for start, end in windows)


def _share(slots: Sequence[NewVolume]) -> float:
    """The count, divided by the total of all series if that is known."""
    value = sum(p.value for p in slots)
    norm = sum(p.norm or 0 for p in slots)
    return value / norm if norm > 0 and all(p.norm for p in slots) else value
