"""Hourly counts, kept up in the transaction that stores the posts they count."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, Select, delete, func, insert, select

from db.models import HourlyCount, Mention, Post, Provider
from db.upsert import batches
from db.voices import Voices

HOUR = timedelta(hours=1)
PAUSE = timedelta(hours=6)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
# What a count keeps of its posts.
KEPT = ("posts", "texts", "authors", "voices", "engagement")

Cell = tuple[int, str, datetime]


def hour_of(instant: datetime) -> datetime:
    """The first instant of the clock hour that holds `instant`."""
    return instant.replace(minute=0, second=0, microsecond=0)


def cells_of(connection: Connection, post_ids: Sequence[int]) -> set[Cell]:
    """The (provider id, source, hour) cells that these posts count in."""
    cells: set[Cell] = set()
    for part in batches(post_ids):
        rows = connection.execute(
            select(Mention.provider_id, Mention.source, Mention.created_at).where(
                Mention.post_id.in_(part), Mention.role == "subject"
            )
        )
        cells.update((provider, source, hour_of(at)) for provider, source, at in rows)
    return cells


def recount(connection: Connection, cells: Iterable[Cell]) -> None:
    """Make these cells true again, whatever happened to their posts."""
    hours: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for provider, source, hour in sorted(cells):
        hours[provider, source].append(hour)
    for (provider, source), wanted in hours.items():
        for part in batches(wanted):
            _recount(connection, provider, source, part)


def _recount(connection: Connection, provider: int, source: str, hours: Sequence[datetime]) -> None:
    mine = HourlyCount.provider_id == provider, HourlyCount.source == source
    connection.execute(delete(HourlyCount).where(*mine, HourlyCount.hour.in_(hours)))
    wanted = set(hours)
    rows = [
        {"provider_id": provider, "source": source, "hour": hour, **counted}
        for first, last in _runs(hours)
        for hour, counted in _tallies(connection, provider, source, first, last + HOUR)
        if hour in wanted
    ]
    if rows:
        connection.execute(insert(HourlyCount), rows)


def differences(connection: Connection, since: datetime | None = None) -> Iterator[list[Cell]]:
    """The cells whose count is not what their posts come to, a list for each provider and source.

    since: counts before it are taken as they are: what they were made of may be deleted.
    """
    start = hour_of(since) + HOUR if since else EARLIEST
    counted = select(HourlyCount.provider_id, HourlyCount.source)
    named = select(Mention.provider_id, Mention.source).where(Mention.role == "subject")
    for provider, source in connection.execute(counted.union(named)).all():
        query = select(*(getattr(HourlyCount, name) for name in ("hour", *KEPT)))
        mine = HourlyCount.provider_id == provider, HourlyCount.source == source
        rows = connection.execute(query.where(*mine, HourlyCount.hour >= start))
        kept = {hour: dict(zip(KEPT, told, strict=True)) for hour, *told in rows}
        wrong = {
            hour
            for hour, true in _tallies(connection, provider, source, start, LATEST)
            if kept.pop(hour, None) != true
        }
        yield [(provider, source, hour) for hour in sorted(wrong | set(kept))]


def _tallies(
    connection: Connection, provider: int, source: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, dict[str, int]]]:
    """Each hour that holds posts, ascending, and what they come to."""
    query = _counted(provider, source, start, end).execution_options(yield_per=10_000)
    for hour, posts in groupby(connection.execute(query), lambda row: hour_of(row[0])):
        tally = _Tally()
        for _, fingerprint, author, engagement in posts:
            tally.add(fingerprint, author, engagement)
        yield hour, tally.row()


@dataclass(slots=True)
class _Tally:
    posts: int = 0
    engagement: int = 0
    texts: set[int] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)
    heard: Voices = field(default_factory=Voices)
    voices: int = 0

    def add(self, fingerprint: int, author: str | None, engagement: int) -> None:
        self.posts += 1
        self.engagement += engagement
        self.texts.add(fingerprint)
        self.voices += self.heard.new(fingerprint, author)
        if author is not None:
            self.authors.add(author)

    def row(self) -> dict[str, int]:
        return {
            "posts": self.posts,
            "texts": len(self.texts),
            "authors": len(self.authors),
            "voices": self.voices,
            "engagement": self.engagement,
        }


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
) -> Select[datetime, int, str | None, int]:
    likes, reposts, replies = (
        func.coalesce(column, 0) for column in (Post.likes, Post.reposts, Post.replies)
    )
    return (
        select(Mention.created_at, Post.fingerprint, Post.author, likes + reposts + replies)
        .join(Mention, Mention.post_id == Post.id)
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
