"""Attention without text: how much was read or written about a provider, as another counted it.

It stands beside the verdict and never makes it: a page view says neither why nor how one feels.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from db.core.records import NewVolume

DAY = timedelta(days=1)
# How many days back the same hours are compared with, and how many of them are needed.
DAYS = 56
FEWEST = 14

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Volume:
    """A series over an outage: `observed` in the slots that its window touches, and what the same
    hours held on earlier days (their median). ratio: of the two, or of their shares of all where
    that is known. placebo_p: how often an earlier day held as much, as a p-value. Null if too few
    such days are known."""

    source: str
    series: str
    minutes: int
    observed: float
    usual: float | None
    ratio: float | None
    placebo_p: float | None
    days: int


def compare(
    source: str,
    series: str,
    points: Sequence[NewVolume],
    window: Window,
    barred: Iterable[Window] = (),
) -> Volume | None:
    """A series over a window, against the same hours of up to DAYS earlier days, those left out
    that touch a barred window. None where the window is not wholly known."""
    known = {point.start: point for point in points}
    ordered = sorted(known.values(), key=lambda p: p.start)
    touched = [p for p in ordered if p.start < window[1] and p.end > window[0]]
    if not _holds(touched, window):
        return None
    away = list(barred)
    earlier = [
        slots
        for days in range(1, DAYS + 1)
        if (slots := _shifted(known, touched, days * DAY)) and not _touches(slots, away)
    ]
    observed = sum(p.value for p in touched)
    minutes = touched[0].minutes
    if len(earlier) < FEWEST:
        return Volume(source, series, minutes, observed, None, None, None, len(earlier))
    shares = [_share(slots) for slots in earlier]
    share, usual = _share(touched), median(shares)
    as_much = sum(s >= share for s in shares)
    return Volume(
        source,
        series,
        minutes,
        observed,
        median(sum(p.value for p in slots) for slots in earlier),
        share / usual if usual > 0 else None,
        (1 + as_much) / (1 + len(earlier)),
        len(earlier),
    )


def _holds(slots: Sequence[NewVolume], window: Window) -> bool:
    """Whether slots, ascending, follow each other from before a window to after it."""
    if not slots or slots[0].start > window[0] or slots[-1].end < window[1]:
        return False
    return all(left.end == right.start for left, right in pairwise(slots))


def _shifted(
    known: Mapping[datetime, NewVolume], slots: Sequence[NewVolume], by: timedelta
) -> list[NewVolume]:
    """The same slots so much earlier; none where one of them is not known."""
    found = [known.get(p.start - by) for p in slots]
    return [] if None in found else [p for p in found if p is not None]


def _touches(slots: Sequence[NewVolume], windows: Sequence[Window]) -> bool:
    return any(p.start < end and p.end > start for p in slots for start, end in windows)


def _share(slots: Sequence[NewVolume]) -> float:
    """What was counted, of all that could have been where that is told."""
    value = sum(p.value for p in slots)
    norm = sum(p.norm or 0 for p in slots)
    return value / norm if norm > 0 and all(p.norm for p in slots) else value
