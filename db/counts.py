"""Hourly counts, kept up in the transaction that stores the posts they count."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from db.models import HourlyCount, Mention, Post, Provider
from db.upsert import BATCH

HOUR = timedelta(hours=1)

Cell = tuple[int, str, datetime]


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def cells_of(connection: Connection, post_ids: Sequence[int]) -> set[Cell]:
    """The (provider id, source, hour) cells that these posts count in."""
    cells: set[Cell] = set()
    for start in range(0, len(post_ids), BATCH):
        rows = connection.execute(
            select(Mention.provider_id, Mention.source, Mention.created_at).where(
                Mention.post_id.in_(post_ids[start : start + BATCH]), Mention.role == "subject"
            )
        ).tuples()
        cells.update((provider, source, _hour(at)) for provider, source, at in rows)
    return cells


def recount(connection: Connection, cells: Iterable[Cell]) -> None:
    """Make these cells true again, whatever happened to their posts."""
    for provider, source, hour in sorted(cells):
        connection.execute(
            delete(HourlyCount).where(
                HourlyCount.provider_id == provider,
                HourlyCount.source == source,
                HourlyCount.hour == hour,
            )
        )
        posts, texts, authors, engagement = connection.execute(
            _counted().where(
                Mention.provider_id == provider,
                Mention.source == source,
                Mention.created_at >= hour,
                Mention.created_at < hour + HOUR,
            )
        ).one()
        if posts:
            connection.execute(
                insert(HourlyCount).values(
                    provider_id=provider,
                    source=source,
                    hour=hour,
                    posts=posts,
                    texts=texts,
                    authors=authors,
                    engagement=engagement,
                )
            )


def _counted():  # type: ignore[no-untyped-def]
    engagement = (
        func.coalesce(Post.likes, 0)
        + func.coalesce(Post.reposts, 0)
        + func.coalesce(Post.replies, 0)
    )
    return (
        select(
            func.count(Post.id),
            func.count(Post.fingerprint.distinct()),
            func.count(Post.author.distinct()),
            func.coalesce(func.sum(engagement), 0),
        )
        .join(Mention, Mention.post_id == Post.id)
        .where(Mention.role == "subject")
    )


def read(
    connection: Connection, provider: str, source: str, start: datetime, end: datetime
) -> list[tuple[datetime, int, int]]:
    """(hour, posts, texts) of the hours that hold any, ascending; the others hold none."""
    rows = connection.execute(
        select(HourlyCount.hour, HourlyCount.posts, HourlyCount.texts)
        .join(Provider, HourlyCount.provider_id == Provider.id)
        .where(Provider.key == provider, HourlyCount.source == source)
        .where(HourlyCount.hour >= start, HourlyCount.hour < end)
        .order_by(HourlyCount.hour)
    ).tuples()
    return [(hour, posts, texts) for hour, posts, texts in rows]
