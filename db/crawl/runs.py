"""Queries on what each crawl asked, got, and missed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from db.core.models import Receipt


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one query of a crawl came to; `kind` and `why` where something was missed."""

    answers: int = 0
    posts: int = 0
    refused: int = 0
    kind: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    source: str
    query: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome


def begin(connection: Connection, source: str, query: str, at: datetime) -> int:
    """A receipt for a query that is about to be asked; gives its id."""
    empty = {"answers": 0, "posts": 0, "refused": 0}
    values = {"source": source, "query": query, "started_at": at, **empty}
    return connection.execute(insert(Receipt).values(values).returning(Receipt.id)).scalar_one()


def end(connection: Connection, id_: int, at: datetime, outcome: Outcome) -> None:
    """Complete a receipt; what another crawler has added to it stays."""
    connection.execute(
        update(Receipt)
        .where(Receipt.id == id_)
        .values(
            ended_at=at,
            answers=Receipt.answers + outcome.answers,
            posts=Receipt.posts + outcome.posts,
            refused=Receipt.refused + outcome.refused,
            kind=func.coalesce(Receipt.kind, outcome.kind),
            why=func.coalesce(Receipt.why, outcome.why),
        )
    )


def end_elsewhere(
    connection: Connection, source: str, query: str, at: datetime, outcome: Outcome
) -> None:
    """Complete the receipt that another crawler began; what befell a query without one, such as the
    control's, befell all of the source."""
    mine = select(func.max(Receipt.id)).where(Receipt.source == source)
    own = connection.execute(mine.where(Receipt.query == query)).scalar()
    if own is not None:
        end(connection, own, at, outcome)
    elif outcome.kind:
        newest = mine.group_by(Receipt.query)
        for id_ in connection.execute(newest).scalars().all():
            end(connection, id_, at, Outcome(kind=outcome.kind, why=outcome.why))


def latest(connection: Connection) -> list[KeptReceipt]:
    """The newest receipt of each query of each source, by source."""
    newest = select(func.max(Receipt.id)).group_by(Receipt.source, Receipt.query)
    query = select(Receipt).where(Receipt.id.in_(newest)).order_by(Receipt.source, Receipt.query)
    return [_kept(row) for row in connection.execute(query)]


def recent(connection: Connection, number: int) -> list[KeptReceipt]:
    """The newest receipts of each query, at most so many of one, from the newest on."""
    place = func.row_number().over(
        partition_by=(Receipt.source, Receipt.query), order_by=Receipt.id.desc()
    )
    placed = select(Receipt.id, place.label("place")).subquery()
    query = (
        select(Receipt)
        .join(placed, placed.c.id == Receipt.id)
        .where(placed.c.place <= number)
        .order_by(Receipt.id.desc())
    )
    return [_kept(row) for row in connection.execute(query)]


def _kept(row: Any) -> KeptReceipt:
    outcome = Outcome(row.answers, row.posts, row.refused, row.kind, row.why)
    return KeptReceipt(row.source, row.query, row.started_at, row.ended_at, outcome)
