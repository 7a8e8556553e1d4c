"""Queries on deliveries of reports to subscribers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, tuple_, update

from db.core.models import Delivery


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A report on [start, end) for a subscriber; `state` is failed, sending or sent."""

    id: int
    subscriber: str
    start: datetime
    end: datetime
    state: str
    attempts: int
    tried_at: datetime | None
    why: str | None


def latest(
    connection: Connection, subscriber: str, state: str | None = None
) -> DeliveryRecord | None:
    """Return a subscriber's newest delivery, of one state or of any; None if there is none."""
    query = select(Delivery.__table__).where(Delivery.subscriber == subscriber)
    if state:
        query = query.where(Delivery.state == state)
    row = connection.execute(query.order_by(Delivery.end.desc()).limit(1)).one_or_none()
    return None if row is None else DeliveryRecord(**row._mapping)


def undelivered(connection: Connection) -> list[str]:
    """Return subscribers whose newest report did not arrive, or may not have, by name."""
    newest = select(Delivery.subscriber, func.max(Delivery.end)).group_by(Delivery.subscriber)
    is_newest = tuple_(Delivery.subscriber, Delivery.end).in_(newest)
    query = select(Delivery.subscriber).where(is_newest, Delivery.state != "sent")
    return list(connection.execute(query.order_by(Delivery.subscriber)).scalars())


def claim(
    connection: Connection, subscriber: str, start: datetime, end: datetime, at: datetime
) -> int:
    """Write that a report is about to be sent; return the delivery's id."""
    report = Delivery.subscriber == subscriber, Delivery.end == end
    values = {"start": start, "state": "sending", "tried_at": at, "why": None}
    again = update(Delivery).where(*report).values(**values, attempts=Delivery.attempts + 1)
    id_ = connection.execute(again.returning(Delivery.id)).scalar()
    if id_ is not None:
        return id_
    new = insert(Delivery).values(subscriber=subscriber, end=end, attempts=1, **values)
    return connection.execute(new.returning(Delivery.id)).scalar_one()


def end(connection: Connection, id_: int, why: str | None) -> None:
    """Write the outcome of a delivery: sent, or why it failed."""
    state = "failed" if why else "sent"
    connection.execute(update(Delivery).where(Delivery.id == id_).values(state=state, why=why))


def attempts(connection: Connection, id_: int) -> int:
    """Return how often a delivery was tried."""
    return connection.execute(select(Delivery.attempts).where(Delivery.id == id_)).scalar_one()
