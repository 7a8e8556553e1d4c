"""Queries on stored responses, which can be parsed again."""

import gzip
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.core.models import StoredResponse


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """A response as it came; `ask` and `kept` are JSON (see `StoredResponse`)."""

    source: str
    fetched_at: datetime
    callback: str
    ask: str
    kept: str
    address: str
    body: bytes
    changed: str | None
    id: int = 0


def add(connection: Connection, response: ResponseRecord) -> None:
    """Store a response under a new id."""
    values = asdict(response) | {"body": gzip.compress(response.body, 1, mtime=0)}
    del values["id"]
    connection.execute(insert(StoredResponse).values(values))


def ids(
    connection: Connection, sources: Sequence[str], *, changed: bool, since: datetime | None = None
) -> list[int]:
    """Return ids of stored responses, oldest first; with `changed`, only of unknown formats."""
    query = select(StoredResponse.id).order_by(StoredResponse.fetched_at, StoredResponse.id)
    if sources:
        query = query.where(StoredResponse.source.in_(sources))
    if changed:
        query = query.where(StoredResponse.changed.is_not(None))
    if since:
        query = query.where(StoredResponse.fetched_at >= since)
    return list(connection.execute(query).scalars())


def read(connection: Connection, id_: int) -> ResponseRecord:
    """Return a stored response."""
    query = select(StoredResponse.__table__).where(StoredResponse.id == id_)
    values = dict(connection.execute(query).mappings().one())
    return ResponseRecord(**values | {"body": gzip.decompress(values["body"])})


def mark_changed(connection: Connection, id_: int, changed: str | None) -> None:
    """Store what is wrong with the format of a response; None if nothing is."""
    connection.execute(
        update(StoredResponse).where(StoredResponse.id == id_).values(changed=changed)
    )


def prune(connection: Connection, before: datetime) -> int:
    """Delete responses fetched before a time; return their number."""
    return connection.execute(
        delete(StoredResponse).where(StoredResponse.fetched_at < before)
    ).rowcount
