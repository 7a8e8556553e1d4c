"""Queries on posts and what they mention."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy import Connection, and_, delete, extract, func, select, tuple_

from db import counts, coverage, cursors, providers, retention
from db.models import Mention, Post, Provider, Reading, Score
from db.records import NewPost, Page
from db.upsert import batches, upsert
from db.voices import Voices

CHANGING = ["text", "lang", "fingerprint", "likes", "reposts", "replies", "url", "author"]


@dataclass(frozen=True, slots=True)
class KeptPost:
    """A post as shown in a report: no account, only a pseudonym."""

    source: str
    external_id: str
    created_at: datetime
    text: str
    url: str | None
    score: float | None


def store_page(connection: Connection, page: Page, posts: Sequence[NewPost]) -> int:
    """Store a page whole: its posts, their mentions and counts, the cursor and the coverage.

    Must run inside one `Store.writing()`; gives how many posts were new.
    """
    remove(connection, page.source, page.deleted)
    new = _store_posts(connection, page.source, posts)
    if page.cursor is not None:
        cursors.write(connection, page.source, page.query, page.cursor, datetime.now(UTC))
    coverage.add(connection, page.source, page.query, page.covered)
    return new


def _store_posts(connection: Connection, source: str, posts: Sequence[NewPost]) -> int:
    horizon = retention.horizon(connection)
    unique = {p.external_id: p for p in posts if horizon is None or p.created_at >= horizon}
    if not unique:
        return 0
    before = _ids(connection, source, list(unique))
    _forget_edited(connection, unique, before)
    # An edited post leaves cells it no longer counts in; they are recounted too.
    cells = counts.cells_of(connection, list(before.values()))
    rows = [{"source": source, **_row(post)} for post in unique.values()]
    upsert(connection, Post, rows, ["source", "external_id"], update=CHANGING)
    ids = _ids(connection, source, list(unique))
    _replace_mentions(connection, source, unique, ids)
    cells |= counts.cells_of(connection, list(ids.values()))
    counts.recount(connection, cells)
    return len(ids) - len(before)


def remove(connection: Connection, source: str, external_ids: Sequence[str]) -> int:
    """Delete posts that their source says are gone, and count them no more; gives how many."""
    ids = list(_ids(connection, source, external_ids).values())
    cells = counts.cells_of(connection, ids)
    for part in batches(ids):
        for table in (Mention, Score, Reading):
            connection.execute(delete(table).where(table.post_id.in_(part)))
        connection.execute(delete(Post).where(Post.id.in_(part)))
    counts.recount(connection, cells)
    return len(ids)


def _forget_edited(connection: Connection, posts: dict[str, NewPost], ids: dict[str, int]) -> None:
    """Drop what was found in texts that have changed since: they are scored and read anew."""
    changed: list[int] = []
    for part in batches(list(ids.values())):
        rows = connection.execute(
            select(Post.id, Post.external_id, Post.text).where(Post.id.in_(part))
        )
        changed += [id_ for id_, external, text in rows if posts[external].text != text]
    for part in batches(changed):
        connection.execute(delete(Score).where(Score.post_id.in_(part)))
        connection.execute(delete(Reading).where(Reading.post_id.in_(part)))


def _row(post: NewPost) -> dict[str, object]:
    return {
        "external_id": post.external_id,
        "created_at": post.created_at,
        "text": post.text,
        "lang": post.lang,
        "author": post.author,
        "url": post.url,
        "reply_to": post.reply_to,
        "likes": post.likes,
        "reposts": post.reposts,
        "replies": post.replies,
        "fingerprint": post.fingerprint,
    }


def _ids(connection: Connection, source: str, external_ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in batches(external_ids):
        rows = connection.execute(
            select(Post.external_id, Post.id).where(
                Post.source == source, Post.external_id.in_(part)
            )
        )
        found.update(rows.all())
    return found


def _replace_mentions(
    connection: Connection, source: str, posts: dict[str, NewPost], ids: dict[str, int]
) -> None:
    known = providers.ids(connection)
    post_ids = list(ids.values())
    # The store keeps the first time a post was given; a source that shifts it moves nothing.
    created: dict[int, datetime] = {}
    for part in batches(post_ids):
        connection.execute(delete(Mention).where(Mention.post_id.in_(part)))
        rows_ = connection.execute(select(Post.id, Post.created_at).where(Post.id.in_(part)))
        created.update(rows_.all())
    rows = [
        {
            "post_id": ids[key],
            "provider_id": known[mention.provider],
            "role": mention.role,
            "source": source,
            "created_at": created[ids[key]],
        }
        for key, post in posts.items()
        for mention in post.mentions
    ]
    upsert(connection, Mention, rows, ["post_id", "provider_id"])


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
        select(Mention.created_at, Post.fingerprint, Post.author)
        .join(Post, Post.id == Mention.post_id)
        .join(Provider, Mention.provider_id == Provider.id)
        .where(Provider.key == provider, Mention.role == "subject", Mention.source == source)
        .where(Mention.created_at >= start, Mention.created_at < end)
        .order_by(Mention.created_at, Post.external_id)
    )
    if hours is not None:
        query = query.where(extract("hour", Mention.created_at).in_(hours))
    found: list[tuple[datetime, bool]] = []
    for _, own in groupby(connection.execute(query), lambda row: counts.hour_of(row[0])):
        voices = Voices()
        found += [(at, voices.new(fingerprint, author)) for at, fingerprint, author in own]
    return found


def total(connection: Connection, source: str, start: datetime, end: datetime) -> int:
    """Posts of a source on whatever provider: the control for a low count."""
    return connection.execute(
        select(func.count(Post.id)).where(
            Post.source == source, Post.created_at >= start, Post.created_at < end
        )
    ).scalar_one()


def sources(connection: Connection) -> list[str]:
    return list(connection.execute(select(Post.source).distinct().order_by(Post.source)).scalars())


def sample(
    connection: Connection,
    provider: str,
    start: datetime,
    end: datetime,
    limit: int,
    models: Sequence[tuple[str, str]] = (),
) -> list[KeptPost]:
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
        .join(Mention, Mention.post_id == Post.id)
        .join(Provider, Mention.provider_id == Provider.id)
        .where(Provider.key == provider, Mention.role == "subject", Post.text != "")
        .where(Mention.created_at >= start, Mention.created_at < end)
        .group_by(Post.source, Post.fingerprint)
        .order_by(func.max(engagement).desc(), func.min(Post.created_at), Post.source)
        .limit(limit)
    )
    return [KeptPost(*row) for row in rows]


def unscored(
    connection: Connection, langs: Sequence[str], model: str, version: str, after: int, limit: int
) -> list[tuple[int, str]]:
    """(post id, text) of posts that mention a provider and lack this model's score, by id."""
    rows = connection.execute(
        select(Post.id, Post.text)
        .outerjoin(
            Score,
            and_(Score.post_id == Post.id, Score.model == model, Score.version == version),
        )
        .where(Post.id > after, Post.lang.in_(langs), Score.post_id.is_(None), Post.text != "")
        .where(select(Mention.post_id).where(Mention.post_id == Post.id).exists())
        .order_by(Post.id)
        .limit(limit)
    )
    return [(id_, text) for id_, text in rows]


def count_unscored(connection: Connection, langs: Sequence[str], model: str, version: str) -> int:
    """How many posts `unscored` would give in all."""
    scored = select(Score.post_id).where(
        Score.post_id == Post.id, Score.model == model, Score.version == version
    )
    mentions = select(Mention.post_id).where(Mention.post_id == Post.id)
    return connection.execute(
        select(func.count(Post.id))
        .where(Post.lang.in_(langs), mentions.exists(), ~scored.exists())
        .where(Post.text != "")
    ).scalar_one()


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
