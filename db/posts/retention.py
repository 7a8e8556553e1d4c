"""Deleting what is past its time, and what its author wants gone."""

import gzip
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from db.core.metadata import FORGOTTEN
from db.core.models import Answer, Fact, Post
from db.core.upsert import upsert
from db.core.value_lists import among
from db.counts import hourly

# What the id of a post begins with whose text is gone: its own id may name its author.
GONE = "gone:"
HORIZON = "retention.horizon"
BATCH = 1000


def blank(connection: Connection, before: datetime, token: Callable[[str], str]) -> int:
    """Delete text, address and pseudonym of at most BATCH posts made before; gives how many.

    The posts stay, so that their counts and what was measured on them do; `token` gives what
    stands for an author or an id from now on.
    """
    rows = connection.execute(
        select(Post.id, Post.source, Post.external_id, Post.author)
        .where(Post.created_at < before, ~Post.external_id.startswith(GONE))
        .order_by(Post.created_at)
        .limit(BATCH)
    ).all()
    changed = [
        {
            "own": id_,
            "external_id": GONE + token(f"{source}/{external}"),
            "author": token(f"{source}@{author}") if author else None,
        }
        for id_, source, external, author in rows
    ]
    if changed:
        hourly.unsettle(connection)
        statement = (
            update(Post)
            .where(Post.id == bindparam("own"))
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
    """Before when posts are past their time; none is stored any more."""
    value = connection.execute(select(Fact.value).where(Fact.name == HORIZON)).scalar()
    return datetime.fromisoformat(value) if value else None


def move_horizon(connection: Connection, to: datetime) -> None:
    """The horizon moves on only: what was deleted does not come in again."""
    before = horizon(connection)
    if before is None or to > before:
        row = {"name": HORIZON, "value": to.isoformat()}
        upsert(connection, Fact, [row], ["name"], update=["value"])


def rename_authors(connection: Connection, name: Callable[[str], str]) -> int:
    """Put another pseudonym in the place of each that is stored; gives how many posts have one."""
    hourly.unsettle(connection)
    number, last = 0, 0
    while True:
        query = select(Post.id, Post.author).where(Post.id > last, Post.author.is_not(None))
        rows = connection.execute(query.order_by(Post.id).limit(BATCH)).all()
        if not rows:
            return number
        changed = [{"own": id_, "author": name(str(author))} for id_, author in rows]
        own = update(Post).where(Post.id == bindparam("own"))
        connection.execute(own.values(author=bindparam("author")), changed)
        number, last = number + len(rows), rows[-1][0]


def posts_of(
    connection: Connection, source: str, authors: Sequence[str], external_id: str | None
) -> list[tuple[str, datetime]]:
    """(id, when it was made) of the posts of these pseudonyms, and of one id."""
    own = or_(Post.author.in_(authors), Post.external_id == (external_id or None))
    query = select(Post.external_id, Post.created_at).where(Post.source == source, own)
    return [(id_, at) for id_, at in connection.execute(query)]


def drop_answers(connection: Connection, source: str, words: Sequence[str]) -> int:
    """Drop the kept answers of a source that hold any of these words; gives how many."""
    needles = [word.encode() for word in words if word]
    found = [
        id_
        for id_, body in connection.execute(
            select(Answer.id, Answer.body).where(Answer.source == source)
        )
        if any(needle in gzip.decompress(body) for needle in needles)
    ]
    if found:
        connection.execute(delete(Answer).where(among(Answer.id, found)))
    return len(found)


def note_forgotten(connection: Connection, at: datetime) -> None:
    """So that whoever shows figures knows that they have changed."""
    row = {"name": FORGOTTEN, "value": at.isoformat()}
    upsert(connection, Fact, [row], ["name"], update=["value"])
