"""Queries on the sentiment scores of posts."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, select

from db.core.models import POST_OF_MENTION, Mention, Post, Score
from db.core.upsert import upsert
from db.core.value_lists import in_values
from db.counts import languages


def write(
    connection: Connection, model: str, version: str, rows: Sequence[tuple[int, float | None]]
) -> None:
    """Store (post id, score) pairs; None marks a post that this model can't score."""
    ids = [id_ for id_, _ in rows]
    languages.add_scores(connection, _scored(connection, ids, model, version), model, version, -1)
    stored = [{"post_id": p, "model": model, "version": version, "score": s} for p, s in rows]
    upsert(connection, Score, stored, ["post_id", "model", "version"], update=["score"])
    languages.add_scores(connection, ids, model, version)


def _scored(connection: Connection, ids: Sequence[int], model: str, version: str) -> list[int]:
    of_model = Score.model == model, Score.version == version
    query = select(Score.post_id).where(in_values(Score.post_id, ids), *of_model)
    return list(connection.execute(query).scalars())


def delete_scores(connection: Connection, model: str, version: str) -> None:
    """Delete the scores of a model, but for posts without a text: they can't be scored again."""
    with_text = select(Post.id).where(Post.text != "")
    of_model = Score.model == model, Score.version == version
    connection.execute(delete(Score).where(*of_model, Score.post_id.in_(with_text)))
    languages.recount_scores(connection, model, version)


def unscored_range(
    connection: Connection, langs: Sequence[str], model: str, version: str, after: int, limit: int
) -> tuple[int | None, int]:
    """Return the last id (None: no post) and number of the next `limit` posts of `unscored`."""
    ids = select(Post.id).where(Post.id > after, *_unscored(langs, model, version))
    batch = ids.order_by(Post.id).limit(limit).subquery()
    last, number = connection.execute(select(func.max(batch.c.id), func.count())).one()
    return last, number


def unscored(
    connection: Connection, langs: Sequence[str], model: str, version: str, after: int, last: int
) -> list[tuple[int, str]]:
    """Return (id, text), by id, of posts with ids in (after, last] that mention a provider and have
    no score of this model."""
    query = select(Post.id, Post.text).where(Post.id > after, Post.id <= last)
    query = query.where(*_unscored(langs, model, version)).order_by(Post.id)
    return [(id_, text) for id_, text in connection.execute(query)]


def count_unscored(connection: Connection, langs: Sequence[str], model: str, version: str) -> int:
    """Return the number of posts that mention a provider and have no score of this model."""
    query = select(func.count(Post.id)).where(*_unscored(langs, model, version))
    return connection.execute(query).scalar_one()


def _unscored(langs: Sequence[str], model: str, version: str) -> list[ColumnElement[bool]]:
    scored = select(Score.post_id).where(
        Score.post_id == Post.id, Score.model == model, Score.version == version
    )
    named = select(Mention.post_id).where(POST_OF_MENTION).correlate(Post)
    return [Post.lang.in_(langs), named.exists(), ~scored.exists(), Post.text != ""]
