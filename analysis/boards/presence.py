"""Attention as a trending board shows it: presence, heat, and what absence says.

A board shows only its top entries. Absence from a snapshot bounds the heat from above by that of
its last ranked entry (left-censoring); no snapshot says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from analysis.field_types import Count, Internal

# Longer than any silence inside one outage on the board, shorter than between two.
EVENT_GAP = timedelta(hours=6)
# Beyond this nobody looked, so the time between two sightings is not known to be on the board.
UNOBSERVED = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Seen:
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
    """A look at the board: the heat found, or None, and that of the last ranked entry."""

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


def presence(
    board: str, seen: Sequence[Seen], looks: Sequence[tuple[datetime, int | None]]
) -> Presence:
    """Presence from the sightings and the (time, floor heat) of every look, both ascending."""
    tops = _tops(seen)
    times = sorted(tops)
    minutes, heat_hours = _joined(times, tops, [at for at, _ in looks])
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


def _tops(seen: Sequence[Seen]) -> dict[datetime, int]:
    """The greatest heat at each sighting; titles of one event overlap, so they aren't summed."""
    tops: dict[datetime, int] = {}
    for s in seen:
        tops[s.seen_at] = max(tops.get(s.seen_at, 0), s.heat or 0)
    return tops


def _joined(
    times: Sequence[datetime], tops: dict[datetime, int], looks: Sequence[datetime]
) -> tuple[float, float]:
    following = dict(pairwise(looks))
    minutes = heat_hours = 0.0
    for left, right in pairwise(times):
        if following.get(left, right) < right or right - left > UNOBSERVED:
            continue
        hours = (right - left) / timedelta(hours=1)
        minutes += hours * 60
        heat_hours += hours * (tops[left] + tops[right]) / 2
    return minutes, heat_hours


def _absent_from(times: Sequence[datetime], looks: Sequence[datetime]) -> datetime | None:
    """The first look after the last sighting: by then it was gone."""
    if not times:
        return None
    return next((at for at in looks if at > times[-1]), None)


def _titles(seen: Sequence[Seen]) -> tuple[TitlePresence, ...]:
    found = []
    for title in dict.fromkeys(s.title for s in seen):
        own = [s for s in seen if s.title == title]
        found.append(
            TitlePresence(
                title,
                len({s.seen_at for s in own}),
                own[0].seen_at,
                own[-1].seen_at,
                min((s.rank for s in own if s.rank), default=None),
                max((s.heat for s in own if s.heat), default=None),
            )
        )
    return tuple(sorted(found, key=lambda t: (-t.snapshots, t.first_seen, t.title)))


@dataclass(frozen=True, slots=True)
class Year:
    """How many events reached a board in a year, by kind of provider, and on how many days
    anybody looked."""

    year: Count
    ai: Count
    game: Count
    days: Count


def per_year(events: Sequence[tuple[datetime, str]], looks: Sequence[datetime]) -> list[Year]:
    """Events, given as (start, kind of provider), by year; years in which nobody looked are
    left out, since their silence says nothing."""
    days = {at.date() for at in looks}
    return [
        Year(
            year,
            sum(1 for at, kind in events if at.year == year and kind == "ai"),
            sum(1 for at, kind in events if at.year == year and kind == "game"),
            sum(1 for day in days if day.year == year),
        )
        for year in sorted({day.year for day in days})
    ]


def group(seen: Sequence[Seen]) -> list[list[Seen]]:
    """Sightings of one provider's failure titles, split into events where the board was silent
    on it for over EVENT_GAP."""
    events: list[list[Seen]] = []
    for s in sorted(seen, key=lambda s: (s.seen_at, s.title)):
        if events and s.seen_at - events[-1][-1].seen_at <= EVENT_GAP:
            events[-1].append(s)
        else:
            events.append([s])
    return events
