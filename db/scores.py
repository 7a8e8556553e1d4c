"""Queries on how posts feel."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from db.models import Post, Score
from db.upsert import upsert


def write(
    connection: Connection, model: str, version: str, scores: Sequence[tuple[int, float | None]]
) -> None:
    """Store (post id, score) pairs; None marks a post that this model cannot score."""
    rows = [{"post_id": p, "model": model, "version": version, "score": s} for p, s in scores]
    upsert(connection, Score, rows, ["post_id", "model", "version"], update=["score"])


def drop(connection: Connection, model: str, version: str) -> None:
    """Drop the scores of a model; posts whose text is past its time can't be scored again."""
    told = select(Post.id).where(Post.text != "")
    own = Score.model == model, Score.version == version
    connection.execute(delete(Score).where(*own, Score.post_id.in_(told)))
