"""Attention on a trending board: presence, heat, and upper bounds from absence.

A board shows only its top entries. If something is absent from a snapshot, its heat was below that
of the last ranked entry (left-censoring); without a snapshot nothing is known.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from analysis.field_types import Count, Internal

# Longer than any silence inside one outage on the board, shorter than between two.
EVENT_GAP = timedelta(hours=6)
# Between sightings further apart than this nobody looked, so nothing is known of that time.
MAX_LOOK_GAP = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class TitleSighting:
    """A title in a snapshot."""

    seen_at: datetime
    title: str
    rank: int | None
    heat: int | None


@dataclass(frozen=True, slots=True)
class TitlePresence:
    """How one title stood on a board."""

    title: str
    snapshots: Count
    first_seen: datetime
    last_seen: datetime
    best_rank: Count | None
    peak_heat: Count | None


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the board: the heat of something, or None, and that of the last ranked entry."""

    at: datetime
    heat: int | None
    floor: int | None


@dataclass(frozen=True, slots=True)
class Presence:
    """How something stood on a board between two instants.

    `minutes` and `heat_hours` join neighbouring sightings, never across a gap in looking of over
    two hours.
    """

    board: str
    looks: Annotated[Count, Field(description="Looks at the board in the span.")]
    snapshots: Annotated[Count, Field(description="Looks in which it stood there.")]
    first_seen: datetime | None
    last_seen: datetime | None
    absent_from: Annotated[
        datetime | None, Field(description="The first look after the last sighting.")
    ]
    minutes: Annotated[float, Field(description="Minutes between neighbouring sightings.")]
    best_rank: Count | None
    peak_heat: Count | None
    heat_hours: float
    upper_bound_heat: Annotated[
        Count | None,
        Field(description="If it never stood there: it drew less than this at every look."),
    ]
    titles: tuple[TitlePresence, ...]
    track: Internal[tuple[Look, ...]]


def measure_presence(
    board: str, seen: Sequence[TitleSighting], looks: Sequence[tuple[datetime, int | None]]
) -> Presence:
    """Measure presence from sightings and the (time, floor heat) of every look, both ascending."""
    tops = _tops(seen)
    times = sorted(tops)
    minutes, heat_hours = _time_on_board(times, tops, [at for at, _ in looks])
    floors = [floor for _, floor in looks if floor]
    return Presence(
        board=board,
        looks=len(looks),
        snapshots=len(times),
        first_seen=times[0] if times else None,
        last_seen=times[-1] if times else None,
        absent_from=_absent_from(times, [at for at, _ in looks]),
        minutes=minutes,
        best_rank=min((s.rank for s in seen if s.rank), default=None),
        peak_heat=max((s.heat for s in seen if s.heat), default=None),
        heat_hours=heat_hours,
        upper_bound_heat=max(floors, default=None) if looks and not times else None,
        titles=_titles(seen),
        track=tuple(Look(at, tops.get(at) or None, floor) for at, floor in looks),
    )


def _tops(seen: Sequence[TitleSighting]) -> dict[datetime, int]:
    """The highest heat at each time; titles of one event overlap, so they are not summed."""
    tops: dict[datetime, int] = {}
    for s in seen:
        tops[s.seen_at] = max(tops.get(s.seen_at, 0), s.heat or 0)
    return tops


def _time_on_board(
    times: Sequence[datetime], tops: dict[datetime, int], looks: Sequence[datetime]
) -> tuple[float, float]:
    following = dict(pairwise(looks))
    minutes = heat_hours = 0.0
    for first, second in pairwise(times):
        if following.get(first, second) < second or second - first > MAX_LOOK_GAP:
            continue
        hours = (second - first) / timedelta(hours=1)
        minutes += hours * 60
        heat_hours += hours * (tops[first] + tops[second]) / 2
    return minutes, heat_hours


def _absent_from(times: Sequence[datetime], looks: Sequence[datetime]) -> datetime | None:
    """The first look after the last sighting: by then it was gone."""
    if not times:
        return None
    return next((at for at in looks if at > times[-1]), None)


def _titles(seen: Sequence[TitleSighting]) -> tuple[TitlePresence, ...]:
    by_title: dict[str, list[TitleSighting]] = {}
    for sighting in seen:
        by_title.setdefault(sighting.title, []).append(sighting)
    titles = (
        TitlePresence(
            title,
            len({s.seen_at for s in sightings}),
            sightings[0].seen_at,
            sightings[-1].seen_at,
            min((s.rank for s in sightings if s.rank), default=None),
            max((s.heat for s in sightings if s.heat), default=None),
        )
        for title, sightings in by_title.items()
    )
    return tuple(sorted(titles, key=lambda t: (-t.snapshots, t.first_seen, t.title)))


@dataclass(frozen=True, slots=True)
class BoardYear:
    """How many events reached a board in a year, by kind of provider, and on how many days
    anybody looked."""

    year: Count
    ai: Count
    game: Count
    days: Count


def events_per_year(
    events: Sequence[tuple[datetime, str]], looks: Sequence[datetime]
) -> list[BoardYear]:
    """Events, given as (start, kind of provider), by year; years without a look are left out,
    because nothing is known of them."""
    days = Counter(day.year for day in {at.date() for at in looks})
    number = Counter((at.year, kind) for at, kind in events)
    return [BoardYear(y, number[y, "ai"], number[y, "game"], days[y]) for y in sorted(days)]


def split_events(seen: Sequence[TitleSighting]) -> list[list[TitleSighting]]:
    """Split sightings of a provider's failure titles into events more than EVENT_GAP apart."""
    events: list[list[TitleSighting]] = []
    for s in sorted(seen, key=lambda s: (s.seen_at, s.title)):
        if events and s.seen_at - events[-1][-1].seen_at <= EVENT_GAP:
            events[-1].append(s)
        else:
            events.append([s])
    return events
