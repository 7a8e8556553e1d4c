"""Queries that return many rows, one by one, for files and notebooks."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from db.core.models import HourlyCount, HourlyMood, HourlySpeech, Mention, Post, Provider
from db.counts.languages import MOOD_SCALE

# Rows in memory at a time: a year of posts does not fit.
ROWS_PER_FETCH = 2000
ExportRow = dict[str, Any]


def posts(
    connection: Connection,
    *,
    provider: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    words: str = "",
    newest_first: bool = False,
) -> Iterator[ExportRow]:
    """Yield posts in [start, end) whose subject is `provider`, or all, by their time.

    A row has the fields that the import reads; `author` is a pseudonym. words: only posts whose
    text contains them, in any case (ASCII).
    """
    columns: list[Any] = [
        Post.source, Post.external_id.label("id"), Post.created_at, Post.text, Post.lang, Post.url,
        Post.author, Post.likes, Post.reposts, Post.replies, Post.reply_to,
    ]  # fmt: skip
    order = (Post.created_at.desc(), Post.id.desc()) if newest_first else (Post.created_at, Post.id)
    query: Any = select(*columns).where(Post.text != "").order_by(*order)
    if provider:
        of_provider = (
            select(Mention.post_id)
            .join(Provider, Mention.provider_id == Provider.id)
            .where(Provider.key == provider, Mention.role == "subject")
        )
        query = query.where(Post.id.in_(of_provider))
    if words:
        query = query.where(func.lower(Post.text).contains(words.lower(), autoescape=True))
    yield from _rows_within(connection, query, Post.created_at, start, end)


def counts(
    connection: Connection,
    *,
    provider: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Iterator[ExportRow]:
    """Yield hourly counts in [start, end); hours without posts have no row."""
    query: Any = (
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
    yield from _rows_within(connection, query, HourlyCount.hour, start, end, provider)


def speech(
    connection: Connection,
    *,
    provider: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Iterator[ExportRow]:
    """Yield hourly counts by role and language in [start, end), one row for each sentiment model
    that scored any of their posts; `mood` is the mean of its scores."""
    key = ("provider_id", "source", "hour", "role", "lang")
    mean = HourlyMood.mood / (float(MOOD_SCALE) * func.nullif(HourlyMood.scored, 0))
    same = and_(*(getattr(HourlySpeech, k) == getattr(HourlyMood, k) for k in key))
    query: Any = (
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
    yield from _rows_within(connection, query, HourlySpeech.hour, start, end, provider)


def _rows_within(
    connection: Connection,
    query: Any,
    time: Any,
    start: datetime | None,
    end: datetime | None,
    provider: str | None = None,
) -> Iterator[ExportRow]:
    if provider:
        query = query.where(Provider.key == provider)
    if start:
        query = query.where(time >= start)
    if end:
        query = query.where(time < end)
    rows = connection.execution_options(yield_per=ROWS_PER_FETCH).execute(query)
    for row in rows.mappings():
        yield dict(row)
