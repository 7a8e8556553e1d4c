"""Hourly counts, kept up in the transaction that stores the posts they count."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, Select, delete, func, select

from db.core.models import NAMED, HourlyCount, Mention, Post, Provider
from db.core.upsert import upsert
from db.core.value_lists import among
from db.counts.cells import (
    EARLIEST,
    HOUR,
    KEPT,
    LATEST,
    Arrived,
    Cell,
    Tally,
    hour_of,
    tallies_of,
    whole_hour,
)

PAUSE = timedelta(hours=6)
KEY = ("provider_id", "source", "hour")


def cells_of(connection: Connection, post_ids: Sequence[int]) -> set[Cell]:
    """The (provider id, source, hour) cells that these posts count in."""
    query = select(Mention.provider_id, Mention.source, Mention.created_at).where(
        among(Mention.post_id, post_ids), Mention.role == "subject"
    )
    return {(who, source, hour_of(at)) for who, source, at in connection.execute(query)}


def arrive(connection: Connection, by_cell: Mapping[Cell, Sequence[Arrived]]) -> None:
    """Count new posts that name a provider as the subject.

    A cell whose posts are all known, and that only grows at its end, is not read again; another is
    counted anew from its posts, which must be stored.
    """
    tallies = tallies_of(connection)
    tallies.settle(connection)
    unknown = [cell for cell in by_cell if cell not in tallies.known]
    for cell in set(unknown) - _counted_before(connection, unknown):
        tallies.known[cell] = Tally()
    grown = {c for c, own in by_cell.items() if c in tallies.known and tallies.known[c].grow(own)}
    _write(connection, {cell: tallies.known[cell] for cell in grown})
    recount(connection, by_cell.keys() - grown)
    tallies.remember(sum(len(by_cell[cell]) for cell in grown))


def recount(connection: Connection, cells: Iterable[Cell]) -> None:
    """Make these cells true again, whatever happened to their posts."""
    hours: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for provider, source, hour in sorted(cells):
        hours[provider, source].append(hour)
    if not hours:
        return
    tallies, read = tallies_of(connection), 0
    tallies.settle(connection)
    for (provider, source), wanted in hours.items():
        found = _recounted(connection, provider, source, wanted)
        mine = HourlyCount.provider_id == provider, HourlyCount.source == source
        gone = [hour for hour in wanted if hour not in found]
        if gone:
            connection.execute(delete(HourlyCount).where(*mine, among(HourlyCount.hour, gone)))
        own = {(provider, source, hour): tally for hour, tally in found.items()}
        _write(connection, own)
        for hour in wanted:
            tallies.known.pop((provider, source, hour), None)
        tallies.known.update(own)
        read += sum(tally.posts for tally in own.values())
    tallies.remember(read)


def unsettle(connection: Connection) -> None:
    """Posts have changed otherwise: what is known of any cell is so no more."""
    tallies = tallies_of(connection)
    tallies.forget()
    tallies.settle(connection)


def _recounted(
    connection: Connection, provider: int, source: str, hours: Sequence[datetime]
) -> dict[datetime, Tally]:
    wanted = set(hours)
    return {
        hour: tally
        for first, last in _runs(hours)
        for hour, tally in _tallies(connection, provider, source, first, last + HOUR)
        if hour in wanted
    }


def _write(connection: Connection, cells: Mapping[Cell, Tally]) -> None:
    rows = [(*cell, *tally.row()) for cell, tally in cells.items()]
    columns = dict(zip((*KEY, *KEPT), zip(*rows, strict=True), strict=False))
    upsert(connection, HourlyCount, columns, KEY, update=KEPT)


def _counted_before(connection: Connection, cells: Sequence[Cell]) -> set[Cell]:
    """Which of these cells hold posts already."""
    if not cells:
        return set()
    providers, sources, hours = (list(dict.fromkeys(own)) for own in zip(*cells, strict=True))
    query = select(HourlyCount.provider_id, HourlyCount.source, HourlyCount.hour).where(
        among(HourlyCount.provider_id, providers),
        among(HourlyCount.source, sources),
        among(HourlyCount.hour, hours),
    )
    return {(provider, source, hour) for provider, source, hour in connection.execute(query)}


def differences(connection: Connection, since: datetime | None = None) -> Iterator[list[Cell]]:
    """The cells whose count is not what their posts come to, a list for each provider and source.

    since: counts before it are taken as they are: what they were made of may be deleted.
    """
    start = whole_hour(since) if since else EARLIEST
    counted = select(HourlyCount.provider_id, HourlyCount.source)
    named = select(Mention.provider_id, Mention.source).where(Mention.role == "subject")
    for provider, source in connection.execute(counted.union(named)).all():
        query = select(*(getattr(HourlyCount, name) for name in ("hour", *KEPT)))
        mine = HourlyCount.provider_id == provider, HourlyCount.source == source
        found = connection.execute(query.where(*mine, HourlyCount.hour >= start))
        kept = {hour: tuple(told) for hour, *told in found}
        wrong = {
            hour
            for hour, true in _tallies(connection, provider, source, start, LATEST)
            if kept.pop(hour, None) != true.row()
        }
        yield [(provider, source, hour) for hour in sorted(wrong | set(kept))]


def _tallies(
    connection: Connection, provider: int, source: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, Tally]]:
    """Each hour that holds posts, ascending, and what they come to."""
    query = _counted(provider, source, start, end).execution_options(yield_per=10_000)
    for hour, posts in groupby(connection.execute(query), lambda row: hour_of(row[0])):
        tally = Tally()
        tally.grow([(*row,) for row in posts])
        yield hour, tally


def _runs(hours: Sequence[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """First and last hour of each stretch without a long pause: one query each, none too wide."""
    first = last = hours[0]
    for hour in hours[1:]:
        if hour - last > PAUSE:
            yield first, last
            first = hour
        last = hour
    yield first, last


def _counted(
    provider: int, source: str, start: datetime, end: datetime
) -> Select[datetime, str, int, str | None, int]:
    likes, reposts, replies = (
        func.coalesce(column, 0) for column in (Post.likes, Post.reposts, Post.replies)
    )
    engagement = likes + reposts + replies
    return (
        select(Mention.created_at, Post.external_id, Post.fingerprint, Post.author, engagement)
        .join(Mention, NAMED)
        .where(Mention.role == "subject", Mention.provider_id == provider)
        .where(Mention.source == source, Mention.created_at >= start, Mention.created_at < end)
        .order_by(Mention.created_at, Post.external_id)
    )


def read(
    connection: Connection, provider: str, source: str, start: datetime, end: datetime
) -> list[tuple[datetime, int, int]]:
    """(hour, posts, voices) of the hours that hold any, ascending; the others hold none."""
    rows = connection.execute(
        select(HourlyCount.hour, HourlyCount.posts, HourlyCount.voices)
        .join(Provider, HourlyCount.provider_id == Provider.id)
        .where(Provider.key == provider, HourlyCount.source == source)
        .where(HourlyCount.hour >= start, HourlyCount.hour < end)
        .order_by(HourlyCount.hour)
    )
    return [(hour, posts, voices) for hour, posts, voices in rows]
