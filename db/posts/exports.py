"""Queries that give whole stretches of the store, row by row, for files and notebooks."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Select, and_, func, select

from db.core.models import HourlyCount, HourlyMood, HourlySpeech, Mention, Post, Provider
from db.counts.languages import THOUSANDTHS

BATCH = 2000
Row = dict[str, Any]


def posts(
    connection: Connection,
    *,
    provider: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    words: str = "",
    newest_first: bool = False,
) -> Iterator[Row]:
    """Posts in [start, end), of a provider or of all, by the time they were made.

    A row has what the import reads; `author` is a pseudonym. words: only posts whose text has
    them, whatever their case (ASCII).
    """
    columns = (
        Post.source,
        Post.external_id.label("id"),
        Post.created_at,
        Post.text,
        Post.lang,
        Post.url,
        Post.author,
        Post.likes,
        Post.reposts,
        Post.replies,
        Post.reply_to,
    )
    order = (Post.created_at.desc(), Post.id.desc()) if newest_first else (Post.created_at, Post.id)
    query = cast("Select[Any]", select(*columns).where(Post.text != "").order_by(*order))
    if provider:
        own = (
            select(Mention.post_id)
            .join(Provider, Mention.provider_id == Provider.id)
            .where(Provider.key == provider, Mention.role == "subject")
        )
        query = query.where(Post.id.in_(own))
    if words:
        query = query.where(func.lower(Post.text).contains(words.lower(), autoescape=True))
    yield from _rows(connection, _within(query, Post.created_at, start, end))


def counts(
    connection: Connection,
    *,
    provider: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Iterator[Row]:
    """Hourly counts in [start, end): hours that hold none have no row."""
    found = (
        select(
            Provider.key.label("provider"),
            HourlyCount.source,
            HourlyCount.hour,
            HourlyCount.posts,
            HourlyCount.texts,
            HourlyCount.authors,
            HourlyCount.voices,
            HourlyCount.engagement,
        )
        .join(Provider, HourlyCount.provider_id == Provider.id)
        .order_by(Provider.key, HourlyCount.source, HourlyCount.hour)
    )
    query = cast("Select[Any]", found)
    if provider:
        query = query.where(Provider.key == provider)
    yield from _rows(connection, _within(query, HourlyCount.hour, start, end))


def speech(
    connection: Connection,
    *,
    provider: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Iterator[Row]:
    """Hourly counts by role and language in [start, end), and how they felt: one row for each model
    that scored them, `mood` being the mean of its scores."""
    key = ("provider_id", "source", "hour", "role", "lang")
    mean = HourlyMood.mood / (float(THOUSANDTHS) * func.nullif(HourlyMood.scored, 0))
    same = and_(*(getattr(HourlySpeech, k) == getattr(HourlyMood, k) for k in key))
    found = (
        select(
            Provider.key.label("provider"),
            HourlySpeech.source,
            HourlySpeech.hour,
            HourlySpeech.role,
            HourlySpeech.lang,
            HourlySpeech.posts,
            HourlyMood.model,
            HourlyMood.version,
            func.coalesce(HourlyMood.scored, 0).label("scored"),
            mean.label("mood"),
        )
        .join(Provider, HourlySpeech.provider_id == Provider.id)
        .outerjoin(HourlyMood, same & (HourlyMood.scored > 0))
        .where(HourlySpeech.posts > 0)
        .order_by(
            Provider.key, HourlySpeech.source, HourlySpeech.hour, HourlySpeech.role,
            HourlySpeech.lang, HourlyMood.model, HourlyMood.version,
        )
    )  # fmt: skip
    query = cast("Select[Any]", found)
    if provider:
        query = query.where(Provider.key == provider)
    yield from _rows(connection, _within(query, HourlySpeech.hour, start, end))


def _within(
    query: Select[Any], column: Any, start: datetime | None, end: datetime | None
) -> Select[Any]:
    if start:
        query = query.where(column >= start)
    return query.where(column < end) if end else query


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Row]:
    """Fetched in batches: a year of posts is never in memory."""
    found = connection.execution_options(yield_per=BATCH).execute(query)
    for row in found.mappings():
        yield dict(row)
