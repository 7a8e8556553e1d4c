"""Queries on where spiders stopped."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.core.models import Cursor
from db.core.upsert import upsert


def read(connection: Connection, source: str, query: str) -> str | None:
    """The cursor, or None where this query has not been asked yet."""
    return connection.execute(
        select(Cursor.value).where(Cursor.source == source, Cursor.query == query)
    ).scalar()


def write(connection: Connection, source: str, query: str, value: str, now: datetime) -> None:
    row = {"source": source, "query": query, "value": value, "updated_at": now}
    upsert(connection, Cursor, [row], ["source", "query"], update=["value", "updated_at"])


def forget(connection: Connection, source: str, query: str) -> None:
    """Drop a cursor: what it marked has been read to its end."""
    connection.execute(delete(Cursor).where(Cursor.source == source, Cursor.query == query))
