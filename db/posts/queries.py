"""Queries on stored posts: how far they reach, how many there are, samples of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import (
    ColumnElement,
    Connection,
    extract,
    func,
    select,
    tuple_,
)

from db.core.models import NAMED, Mention, Post, Provider, Score
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


def times(
    connection: Connection,
    provider: str,
    source: str,
    start: datetime,
    end: datetime,
    hours: Sequence[int] | None = None,
) -> list[tuple[datetime, bool]]:
    """When posts that name `provider` as the subject were made, ascending, and whether each is a
    voice of its hour that was not heard yet.

    With `hours`, only those made in these hours of the day (UTC).
    """
    query = (
        select(Mention.created_at, Post.fingerprint, Post.author, Post.external_id)
        .join(Post, NAMED)
        .join(Provider, Mention.provider_id == Provider.id)
        .where(Provider.key == provider, Mention.role == "subject", Mention.source == source)
        .where(Mention.created_at >= start, Mention.created_at < end)
        .order_by(Mention.created_at)
    )
    if hours is not None:
        query = query.where(extract("hour", Mention.created_at).in_(hours))
    found: list[tuple[datetime, bool]] = []
    for _, own in groupby(connection.execute(query), lambda row: hour_of(row[0])):
        voices = Voices()
        # In the order in which counts hear them, which no database's collation changes.
        ordered = sorted(own, key=itemgetter(0, 3))
        found += [(at, voices.new(fingerprint, author)) for at, fingerprint, author, _ in ordered]
    return found


def total(connection: Connection, source: str, start: datetime, end: datetime) -> int:
    """Posts of a source on whatever provider: the control for a low count."""
    return connection.execute(
        select(func.count(Post.id)).where(
            Post.source == source, Post.created_at >= start, Post.created_at < end
        )
    ).scalar_one()


def sources(connection: Connection) -> list[str]:
    """Every source that the store holds posts of, by name; each is looked up in the index."""
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
    """Posts behind a figure: those with most engagement first, near-copies once; with the score
    of whichever of `models` (name, version) scores their language."""
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
        .join(Mention, NAMED)
        .join(Provider, Mention.provider_id == Provider.id)
        .where(Provider.key == provider, Mention.role == "subject", Post.text != "")
        .where(Mention.created_at >= start, Mention.created_at < end)
        .where(on_any_source(connection))
        .group_by(Post.source, Post.fingerprint)
        .order_by(func.max(engagement).desc(), func.min(Post.created_at), Post.source)
        .limit(limit)
    )
    return [SamplePost(*row) for row in rows]


def extents(
    connection: Connection, start: datetime, end: datetime
) -> list[tuple[str, int, datetime, datetime]]:
    """(source, posts, first, last) of the posts in [start, end)."""
    rows = connection.execute(
        select(
            Post.source, func.count(Post.id), func.min(Post.created_at), func.max(Post.created_at)
        )
        .where(Post.created_at >= start, Post.created_at < end)
        .group_by(Post.source)
        .order_by(Post.source)
    )
    return [(source, posts, first, last) for source, posts, first, last in rows]


def after(connection: Connection, id_: int, limit: int) -> list[tuple[int, str]]:
    """(id, text) of the posts that follow one, by id; those without a text are left out."""
    query = select(Post.id, Post.text).where(Post.id > id_, Post.text != "")
    return [(own, text) for own, text in connection.execute(query.order_by(Post.id).limit(limit))]


def on_any_source(connection: Connection) -> ColumnElement[bool]:
    """A condition that every mention meets, so that times are looked up in the index, source by
    source, rather than in all that names a provider."""
    return Mention.source.in_(sources(connection))
