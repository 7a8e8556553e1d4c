"""Queries on how posts feel."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from db import speech
from db.among import among
from db.models import Post, Score
from db.upsert import upsert


def write(
    connection: Connection, model: str, version: str, scores: Sequence[tuple[int, float | None]]
) -> None:
    """Store (post id, score) pairs; None marks a post that this model cannot score."""
    ids = [id_ for id_, _ in scores]
    speech.feel(connection, _scored(connection, ids, model, version), model, version, -1)
    rows = [{"post_id": p, "model": model, "version": version, "score": s} for p, s in scores]
    upsert(connection, Score, rows, ["post_id", "model", "version"], update=["score"])
    speech.feel(connection, ids, model, version)


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
    speech.feel_anew(connection, model, version)
