"""Queries on how posts feel."""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    select,
)

from db.core.models import NAMED, Mention, Post, Score
from db.core.upsert import upsert
from db.core.value_lists import among
from db.counts import languages


def write(
    connection: Connection, model: str, version: str, scores: Sequence[tuple[int, float | None]]
) -> None:
    """Store (post id, score) pairs; None marks a post that this model cannot score."""
    ids = [id_ for id_, _ in scores]
    languages.feel(connection, _scored(connection, ids, model, version), model, version, -1)
    rows = [{"post_id": p, "model": model, "version": version, "score": s} for p, s in scores]
    upsert(connection, Score, rows, ["post_id", "model", "version"], update=["score"])
    languages.feel(connection, ids, model, version)


def _scored(connection: Connection, ids: Sequence[int], model: str, version: str) -> list[int]:
    """Which of these posts have a score of a model already."""
    own = Score.model == model, Score.version == version
    query = select(Score.post_id).where(among(Score.post_id, ids), *own)
    return list(connection.execute(query).scalars())


def drop(connection: Connection, model: str, version: str) -> None:
    """Drop the scores of a model; posts whose text is past its time can't be scored again."""
    told = select(Post.id).where(Post.text != "")
    own = Score.model == model, Score.version == version
    connection.execute(delete(Score).where(*own, Score.post_id.in_(told)))
    languages.feel_anew(connection, model, version)


def unscored_part(
    connection: Connection, langs: Sequence[str], model: str, version: str, after: int, limit: int
) -> tuple[int | None, int]:
    """Of the next so many posts that `unscored` would give: the last id (None: there are none), and
    how many there are."""
    ids = select(Post.id).where(Post.id > after, *_unscored(langs, model, version))
    own = ids.order_by(Post.id).limit(limit).subquery()
    last, number = connection.execute(select(func.max(own.c.id), func.count())).one()
    return last, number


def unscored(
    connection: Connection, langs: Sequence[str], model: str, version: str, after: int, last: int
) -> list[tuple[int, str]]:
    """(post id, text) of posts with ids in (after, last] that mention a provider and lack this
    model's score, by id."""
    query = select(Post.id, Post.text).where(Post.id > after, Post.id <= last)
    query = query.where(*_unscored(langs, model, version)).order_by(Post.id)
    return [(id_, text) for id_, text in connection.execute(query)]


def count_unscored(connection: Connection, langs: Sequence[str], model: str, version: str) -> int:
    """How many posts mention a provider and lack this model's score."""
    query = select(func.count(Post.id)).where(*_unscored(langs, model, version))
    return connection.execute(query).scalar_one()


def _unscored(langs: Sequence[str], model: str, version: str) -> list[ColumnElement[bool]]:
    scored = select(Score.post_id).where(
        Score.post_id == Post.id, Score.model == model, Score.version == version
    )
    named = select(Mention.post_id).where(NAMED).correlate(Post)
    return [Post.lang.in_(langs), named.exists(), ~scored.exists(), Post.text != ""]
