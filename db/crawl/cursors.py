"""Queries on cursors: where spiders stopped reading a query."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.core.models import Cursor
from db.core.upsert import upsert


def read(connection: Connection, source: str, query: str) -> str | None:
    """Return the cursor of a query; None if there is none."""
    return connection.execute(
        select(Cursor.value).where(Cursor.source == source, Cursor.query == query)
    ).scalar()


def write(connection: Connection, source: str, query: str, value: str, now: datetime) -> None:
    """Store the cursor of a query."""
    row = {"source": source, "query": query, "value": value, "updated_at": now}
    upsert(connection, Cursor, [row], ["source", "query"], update=["value", "updated_at"])


def forget(connection: Connection, source: str, query: str) -> None:
    """Delete the cursor of a query that has been read to its end."""
    connection.execute(delete(Cursor).where(Cursor.source == source, Cursor.query == query))
