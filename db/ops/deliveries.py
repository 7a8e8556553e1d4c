"""Queries on what was sent to whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from db.core.models import Delivery


@dataclass(frozen=True, slots=True)
class KeptDelivery:
    """A report on [start, end) for a subscriber; `state` is failed, sending or sent."""

    id: int
    subscriber: str
    start: datetime
    end: datetime
    state: str
    attempts: int
    tried_at: datetime | None
    why: str | None


_COLUMNS = (
    Delivery.id,
    Delivery.subscriber,
    Delivery.start,
    Delivery.end,
    Delivery.state,
    Delivery.attempts,
    Delivery.tried_at,
    Delivery.why,
)


def latest(
    connection: Connection, subscriber: str, state: str | None = None
) -> KeptDelivery | None:
    """A subscriber's newest delivery, of one state or of any."""
    query = select(*_COLUMNS).where(Delivery.subscriber == subscriber)
    if state:
        query = query.where(Delivery.state == state)
    row = connection.execute(query.order_by(Delivery.end.desc()).limit(1)).one_or_none()
    return None if row is None else KeptDelivery(*row)


def undelivered(connection: Connection) -> list[str]:
    """Subscribers whose newest report has not arrived, or may not have."""
    newest = select(func.max(Delivery.end).label("end"), Delivery.subscriber.label("who"))
    last = newest.group_by(Delivery.subscriber).subquery()
    own = (Delivery.subscriber == last.c.who) & (Delivery.end == last.c.end)
    query = select(Delivery.subscriber).join(last, own).where(Delivery.state != "sent")
    return list(connection.execute(query.order_by(Delivery.subscriber)).scalars())


def claim(
    connection: Connection, subscriber: str, start: datetime, end: datetime, at: datetime
) -> int:
    """Write that a report is being sent, before it is; gives the delivery's id."""
    own = Delivery.subscriber == subscriber, Delivery.end == end
    values = {"start": start, "state": "sending", "tried_at": at, "why": None}
    again = update(Delivery).where(*own).values(**values, attempts=Delivery.attempts + 1)
    known = connection.execute(again.returning(Delivery.id)).scalar()
    if known is not None:
        return known
    new = insert(Delivery).values(subscriber=subscriber, end=end, attempts=1, **values)
    return connection.execute(new.returning(Delivery.id)).scalar_one()


def end(connection: Connection, id_: int, why: str | None) -> None:
    """Write what came of it: sent, or why not."""
    state = "failed" if why else "sent"
    connection.execute(update(Delivery).where(Delivery.id == id_).values(state=state, why=why))


def attempts(connection: Connection, id_: int) -> int:
    """How often a delivery was tried."""
    return connection.execute(select(Delivery.attempts).where(Delivery.id == id_)).scalar_one()
