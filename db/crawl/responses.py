"""Queries on answers that are kept for a time, as they came."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.core.models import Answer


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it came; `ask` and `kept` are JSON."""

    source: str
    fetched_at: datetime
    callback: str
    ask: str
    kept: str
    address: str
    body: bytes
    changed: str | None
    id: int = 0


def add(connection: Connection, answer: KeptAnswer) -> None:
    """Keep an answer."""
    connection.execute(
        insert(Answer).values(
            source=answer.source,
            fetched_at=answer.fetched_at,
            callback=answer.callback,
            ask=answer.ask,
            kept=answer.kept,
            address=answer.address,
            body=gzip.compress(answer.body, 1, mtime=0),
            changed=answer.changed,
        )
    )


def ids(
    connection: Connection, sources: Sequence[str], *, changed: bool, since: datetime | None = None
) -> list[int]:
    """Of kept answers, oldest first; with `changed` only those whose form was another."""
    query = select(Answer.id).order_by(Answer.fetched_at, Answer.id)
    if sources:
        query = query.where(Answer.source.in_(sources))
    if changed:
        query = query.where(Answer.changed.is_not(None))
    if since:
        query = query.where(Answer.fetched_at >= since)
    return list(connection.execute(query).scalars())


def read(connection: Connection, id_: int) -> KeptAnswer:
    """One kept answer."""
    row = connection.execute(select(Answer).where(Answer.id == id_)).one()
    return KeptAnswer(
        row.source, row.fetched_at, row.callback, row.ask, row.kept, row.address,
        gzip.decompress(row.body), row.changed, row.id,
    )  # fmt: skip


def mark(connection: Connection, id_: int, changed: str | None) -> None:
    """Say anew what is wrong with the form of an answer, if anything."""
    connection.execute(update(Answer).where(Answer.id == id_).values(changed=changed))


def prune(connection: Connection, before: datetime) -> int:
    """Drop what was fetched before; gives how many answers."""
    return connection.execute(delete(Answer).where(Answer.fetched_at < before)).rowcount
