"""Deletion of expired texts, and of what an author wants erased."""

import gzip
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from db.core import metadata
from db.core.models import Post, StoredResponse
from db.core.value_lists import in_values
from db.counts import hourly

# The ids of posts whose text is deleted begin with this: their own ids may name their author.
BLANKED_PREFIX = "gone:"
HORIZON_KEY = "retention.horizon"
POSTS_PER_BATCH = 1000


def blank_posts(connection: Connection, before: datetime, token: Callable[[str], str]) -> int:
    """Delete text, address and pseudonym of at most POSTS_PER_BATCH posts; return their number.

    The posts stay, so that their counts and measurements do. before: posts made earlier are due.
    token: gives the replacement of an author or an id.
    """
    rows = connection.execute(
        select(Post.id, Post.source, Post.external_id, Post.author)
        .where(Post.created_at < before, ~Post.external_id.startswith(BLANKED_PREFIX))
        .order_by(Post.created_at)
        .limit(POSTS_PER_BATCH)
    ).all()
    changed = [
        {
            "post_id": id_,
            "external_id": BLANKED_PREFIX + token(f"{source}/{external}"),
            "author": token(f"{source}@{author}") if author else None,
        }
        for id_, source, external, author in rows
    ]
    if changed:
        hourly.invalidate(connection)
        statement = (
            update(Post)
            .where(Post.id == bindparam("post_id"))
            .values(
                external_id=bindparam("external_id"),
                author=bindparam("author"),
                text="",
                url=None,
                reply_to=None,
            )
        )
        connection.execute(statement, changed)
    return len(changed)


def horizon(connection: Connection) -> datetime | None:
    """Return the time before which no post is stored any more; None if there is none."""
    value = metadata.read(connection, HORIZON_KEY)
    return datetime.fromisoformat(value) if value else None


def advance_horizon(connection: Connection, to: datetime) -> None:
    """Set the horizon, but never back: deleted posts are not stored again."""
    before = horizon(connection)
    if before is None or to > before:
        metadata.write(connection, HORIZON_KEY, to.isoformat())


def replace_pseudonyms(connection: Connection, name: Callable[[str], str]) -> int:
    """Replace every stored pseudonym; return the number of posts with one."""
    hourly.invalidate(connection)
    number, last = 0, 0
    while True:
        query = select(Post.id, Post.author).where(Post.id > last, Post.author.is_not(None))
        rows = connection.execute(query.order_by(Post.id).limit(POSTS_PER_BATCH)).all()
        if not rows:
            return number
        changed = [{"post_id": id_, "author": name(str(author))} for id_, author in rows]
        statement = update(Post).where(Post.id == bindparam("post_id"))
        connection.execute(statement.values(author=bindparam("author")), changed)
        number, last = number + len(rows), rows[-1][0]


def posts_of(
    connection: Connection, source: str, authors: Sequence[str], external_id: str | None
) -> list[tuple[str, datetime]]:
    """Return (external id, time) of the posts of these pseudonyms, and of one external id."""
    matches = or_(Post.author.in_(authors), Post.external_id == (external_id or None))
    query = select(Post.external_id, Post.created_at).where(Post.source == source, matches)
    return [(id_, at) for id_, at in connection.execute(query)]


def delete_responses(connection: Connection, source: str, words: Sequence[str]) -> int:
    """Delete a source's stored responses that contain any of these words; return their number."""
    needles = [word.encode() for word in words if word]
    matches = [
        id_
        for id_, body in connection.execute(
            select(StoredResponse.id, StoredResponse.body).where(StoredResponse.source == source)
        )
        if any(needle in gzip.decompress(body) for needle in needles)
    ]
    if matches:
        connection.execute(delete(StoredResponse).where(in_values(StoredResponse.id, matches)))
    return len(matches)


def record_erasure(connection: Connection, at: datetime) -> None:
    """Write when posts were erased, so that cached figures are renewed."""
    metadata.write(connection, metadata.ERASED_AT_KEY, at.isoformat())
