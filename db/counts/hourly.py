"""Hourly counts, updated in the transaction that stores the posts they count."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, Select, delete, func, select

from db.core.models import POST_OF_MENTION, HourlyCount, Mention, Post, Provider
from db.core.upsert import upsert
from db.core.value_lists import in_values
from db.counts.cells import (
    COUNT_COLUMNS,
    EARLIEST,
    HOUR,
    LATEST,
    CountedPost,
    HourCell,
    Tally,
    first_full_hour,
    hour_of,
    tally_cache,
)

MAX_GAP = timedelta(hours=6)
KEY_COLUMNS = ("provider_id", "source", "hour")


def cells_of(connection: Connection, post_ids: Sequence[int]) -> set[HourCell]:
    """Return the cells that these posts count in."""
    query = select(Mention.provider_id, Mention.source, Mention.created_at).where(
        in_values(Mention.post_id, post_ids), Mention.role == "subject"
    )
    return {(provider, source, hour_of(at)) for provider, source, at in connection.execute(query)}


def add_posts(connection: Connection, by_cell: Mapping[HourCell, Sequence[CountedPost]]) -> None:
    """Count new posts that name a provider as the subject.

    A cell in the cache whose new posts are its latest is not read again; any other is recounted
    from its posts, which must be stored.
    """
    tallies = tally_cache(connection)
    tallies.write_mark(connection)
    uncached = [cell for cell in by_cell if cell not in tallies.by_cell]
    for cell in set(uncached) - _counted_before(connection, uncached):
        tallies.by_cell[cell] = Tally()
    updated = {
        c for c, new in by_cell.items() if c in tallies.by_cell and tallies.by_cell[c].add(new)
    }
    _write(connection, {cell: tallies.by_cell[cell] for cell in updated})
    recount(connection, by_cell.keys() - updated)
    tallies.remember(sum(len(by_cell[cell]) for cell in updated))


def recount(connection: Connection, cells: Iterable[HourCell]) -> None:
    """Count these cells again from their stored posts."""
    hours: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for provider, source, hour in sorted(cells):
        hours[provider, source].append(hour)
    if not hours:
        return
    tallies, posts_read = tally_cache(connection), 0
    tallies.write_mark(connection)
    for (provider, source), hours_to_count in hours.items():
        wanted_hours = set(hours_to_count)
        counted = {
            (provider, source, hour): tally
            for first, last in _runs(hours_to_count)
            for hour, tally in _tallies(connection, provider, source, first, last + HOUR)
            if hour in wanted_hours
        }
        empty = [hour for hour in hours_to_count if (provider, source, hour) not in counted]
        for hour in empty:
            tallies.by_cell.pop((provider, source, hour), None)
        if empty:
            of_series = HourlyCount.provider_id == provider, HourlyCount.source == source
            empty_rows = in_values(HourlyCount.hour, empty)
            connection.execute(delete(HourlyCount).where(*of_series, empty_rows))
        _write(connection, counted)
        tallies.by_cell.update(counted)
        posts_read += sum(tally.posts for tally in counted.values())
    tallies.remember(posts_read)


def invalidate(connection: Connection) -> None:
    """Clear every connection's cache, because posts have changed in other ways."""
    tallies = tally_cache(connection)
    tallies.clear()
    tallies.write_mark(connection)


def _write(connection: Connection, cells: Mapping[HourCell, Tally]) -> None:
    rows = [(*cell, *tally.counts()) for cell, tally in cells.items()]
    columns = dict(zip((*KEY_COLUMNS, *COUNT_COLUMNS), zip(*rows, strict=True), strict=False))
    upsert(connection, HourlyCount, columns, KEY_COLUMNS, update=COUNT_COLUMNS)


def _counted_before(connection: Connection, cells: Sequence[HourCell]) -> set[HourCell]:
    """Return those of these cells that are stored."""
    if not cells:
        return set()
    providers, sources, hours = (list(dict.fromkeys(v)) for v in zip(*cells, strict=True))
    query = select(HourlyCount.provider_id, HourlyCount.source, HourlyCount.hour).where(
        in_values(HourlyCount.provider_id, providers),
        in_values(HourlyCount.source, sources),
        in_values(HourlyCount.hour, hours),
    )
    return {(provider, source, hour) for provider, source, hour in connection.execute(query)}


def differences(connection: Connection, since: datetime | None = None) -> Iterator[list[HourCell]]:
    """Yield the cells whose count is not that of their posts, a list for each provider and source.

    since: earlier counts are not checked, as their posts may be deleted.
    """
    start = first_full_hour(since) if since else EARLIEST
    counted = select(HourlyCount.provider_id, HourlyCount.source)
    named = select(Mention.provider_id, Mention.source).where(Mention.role == "subject")
    for provider, source in connection.execute(counted.union(named)).all():
        query = select(*(getattr(HourlyCount, name) for name in ("hour", *COUNT_COLUMNS)))
        of_series = HourlyCount.provider_id == provider, HourlyCount.source == source
        rows = connection.execute(query.where(*of_series, HourlyCount.hour >= start))
        stored = {hour: tuple(numbers) for hour, *numbers in rows}
        wrong = {
            hour
            for hour, tally in _tallies(connection, provider, source, start, LATEST)
            if stored.pop(hour, None) != tally.counts()
        }
        yield [(provider, source, hour) for hour in sorted(wrong | set(stored))]


def _tallies(
    connection: Connection, provider: int, source: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, Tally]]:
    """Yield each hour with posts, ascending, and its tally."""
    query = _counted(provider, source, start, end).execution_options(yield_per=10_000)
    for hour, posts in groupby(connection.execute(query), lambda row: hour_of(row[0])):
        tally = Tally()
        tally.add([(*row,) for row in posts])
        yield hour, tally


def _runs(hours: Sequence[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Yield the first and last hour of each run without a long gap: one query reads a run."""
    first = last = hours[0]
    for hour in hours[1:]:
        if hour - last > MAX_GAP:
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
        .join(Mention, POST_OF_MENTION)
        .where(Mention.role == "subject", Mention.provider_id == provider)
        .where(Mention.source == source, Mention.created_at >= start, Mention.created_at < end)
        .order_by(Mention.created_at, Post.external_id)
    )


def read(
    connection: Connection, provider: str, source: str, start: datetime, end: datetime
) -> list[tuple[datetime, int, int]]:
    """Return (hour, posts, voices) of the hours with posts, ascending."""
    rows = connection.execute(
        select(HourlyCount.hour, HourlyCount.posts, HourlyCount.voices)
        .join(Provider, HourlyCount.provider_id == Provider.id)
        .where(Provider.key == provider, HourlyCount.source == source)
        .where(HourlyCount.hour >= start, HourlyCount.hour < end)
        .order_by(HourlyCount.hour)
    )
    return [(hour, posts, voices) for hour, posts, voices in rows]
