"""Queries on stored posts: their times, numbers and extents, and samples of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, Connection, extract, func, select, tuple_

from db.core.models import POST_OF_MENTION, Mention, Post, Provider, Score
from db.counts.cells import hour_of
from db.counts.voices import Voices


@dataclass(frozen=True, slots=True)
class SamplePost:
    """A post as shown in a report: no account, only a pseudonym."""

    source: str
    external_id: str
    created_at: datetime
    text: str
    url: str | None
    score: float | None


def mention_times(
    connection: Connection,
    provider: str,
    source: str,
    start: datetime,
    end: datetime,
    hours: Sequence[int] | None = None,
) -> list[tuple[datetime, bool]]:
    """Return (time, is a new voice of its hour) of posts on `provider` as the subject, ascending.

    With `hours`, only of those in these hours of the day (UTC).
    """
    query = (
        select(Mention.created_at, Post.fingerprint, Post.author, Post.external_id)
        .join(Post, POST_OF_MENTION)
        .join(Provider, Mention.provider_id == Provider.id)
        .where(Provider.key == provider, Mention.role == "subject", Mention.source == source)
        .where(Mention.created_at >= start, Mention.created_at < end)
        .order_by(Mention.created_at)
    )
    if hours is not None:
        query = query.where(extract("hour", Mention.created_at).in_(hours))
    times: list[tuple[datetime, bool]] = []
    for _, posts in groupby(connection.execute(query), lambda row: hour_of(row[0])):
        voices = Voices()
        # The order of the counts, which a database's collation could change.
        ordered = sorted(posts, key=itemgetter(0, 3))
        times += [(at, voices.add(fingerprint, author)) for at, fingerprint, author, _ in ordered]
    return times


def count_posts(connection: Connection, source: str, start: datetime, end: datetime) -> int:
    """Return the number of a source's posts on any provider: the control for a low count."""
    return connection.execute(
        select(func.count(Post.id)).where(
            Post.source == source, Post.created_at >= start, Post.created_at < end
        )
    ).scalar_one()


def sources(connection: Connection) -> list[str]:
    """Return every source with posts, by name; each takes one look-up in the index."""
    names: list[str] = []
    while True:
        query = select(func.min(Post.source))
        last = connection.execute(query.where(Post.source > names[-1]) if names else query).scalar()
        if last is None:
            return names
        names.append(last)


def sample(
    connection: Connection,
    provider: str,
    start: datetime,
    end: datetime,
    limit: int,
    models: Sequence[tuple[str, str]] = (),
) -> list[SamplePost]:
    """Return the posts with most engagement, near-copies once, with the score of that one of
    `models` (name, version) that scores their language."""
    engagement = (
        func.coalesce(Post.likes, 0)
        + func.coalesce(Post.reposts, 0)
        + func.coalesce(Post.replies, 0)
    )
    score = (
        select(func.max(Score.score))
        .where(Score.post_id == Post.id, tuple_(Score.model, Score.version).in_(models))
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            Post.source,
            func.min(Post.external_id),
            func.min(Post.created_at),
            func.min(Post.text),
            func.min(Post.url),
            func.max(score),
        )
        .join(Mention, POST_OF_MENTION)
        .join(Provider, Mention.provider_id == Provider.id)
        .where(Provider.key == provider, Mention.role == "subject", Post.text != "")
        .where(Mention.created_at >= start, Mention.created_at < end)
        .where(has_known_source(connection))
        .group_by(Post.source, Post.fingerprint)
        .order_by(func.max(engagement).desc(), func.min(Post.created_at), Post.source)
        .limit(limit)
    )
    return [SamplePost(*row) for row in rows]


def extents(
    connection: Connection, start: datetime, end: datetime
) -> list[tuple[str, int, datetime, datetime]]:
    """Return (source, posts, first time, last time) of the posts in [start, end), by source."""
    rows = connection.execute(
        select(
            Post.source, func.count(Post.id), func.min(Post.created_at), func.max(Post.created_at)
        )
        .where(Post.created_at >= start, Post.created_at < end)
        .group_by(Post.source)
        .order_by(Post.source)
    )
    return [(source, posts, first, last) for source, posts, first, last in rows]


def texts_after(connection: Connection, id_: int, limit: int) -> list[tuple[int, str]]:
    """Return (id, text) of the posts that follow an id, by id, but for those without a text."""
    query = select(Post.id, Post.text).where(Post.id > id_, Post.text != "")
    return [
        (post_id, text)
        for post_id, text in connection.execute(query.order_by(Post.id).limit(limit))
    ]


def has_known_source(connection: Connection) -> ColumnElement[bool]:
    """Return a condition that every mention meets: with it, databases look times up in the index,
    source by source, rather than in all mentions of a provider."""
    return Mention.source.in_(sources(connection))
