"""Queries on the ledger of outages."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from db.catalog import provider_rows
from db.core.models import Outage, Provider
from db.core.records import NewOutage
from db.core.upsert import upsert

BRIEF = timedelta(minutes=1)
CHANGING = [
    "provider_id",
    "start",
    "end",
    "kind",
    "title",
    "url",
    "rounded_minutes",
    "read_at",
    "components",
]


@dataclass(frozen=True, slots=True)
class KnownOutage:
    id: int
    provider: str
    provider_kind: str
    start: datetime
    end: datetime | None
    kind: str
    title: str
    url: str | None
    origin: str
    external_id: str
    confirmed: bool
    rounded_minutes: int
    read_at: str | None
    components: tuple[str, ...] = ()

    @property
    def brief(self) -> bool:
        """Whether it was over within a minute, as monitors' false alarms are."""
        return self.end is not None and self.end - self.start < BRIEF


def add(connection: Connection, outages: Iterable[NewOutage]) -> int:
    """Store outages, overwriting those of the same origin and id; gives how many.

    What a person confirmed stays confirmed.
    """
    known = provider_rows.ids(connection)
    rows = [
        {
            "provider_id": known[o.provider],
            "start": o.start,
            "end": o.end,
            "kind": o.kind,
            "title": o.title,
            "url": o.url,
            "origin": o.origin,
            "external_id": o.external_id,
            "confirmed": o.confirmed,
            "rounded_minutes": o.rounded_minutes,
            "read_at": o.read_at,
            "components": json.dumps(o.components, ensure_ascii=False),
        }
        for o in outages
    ]
    upsert(connection, Outage, rows, ["origin", "external_id"], update=CHANGING)
    return len(rows)


def read(
    connection: Connection,
    *,
    provider: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    origins: Sequence[str] = (),
) -> list[KnownOutage]:
    """Outages that touch [start, end), oldest first."""
    query = select(
        Outage.id,
        Provider.key,
        Provider.kind,
        Outage.start,
        Outage.end,
        Outage.kind,
        Outage.title,
        Outage.url,
        Outage.origin,
        Outage.external_id,
        Outage.confirmed,
        Outage.rounded_minutes,
        Outage.read_at,
        Outage.components,
    ).join(Provider, Outage.provider_id == Provider.id)
    if provider:
        query = query.where(Provider.key == provider)
    if start:
        query = query.where(or_(Outage.end.is_(None), Outage.end >= start))
    if end:
        query = query.where(Outage.start < end)
    if origins:
        query = query.where(Outage.origin.in_(origins))
    rows = connection.execute(query.order_by(Outage.start, Outage.id))
    return [_known(list(row)) for row in rows]


def _known(row: list[Any]) -> KnownOutage:
    *told, components = row
    return KnownOutage(*[*told, tuple(json.loads(components))])


def end_others(
    connection: Connection, origin: str, provider: str, going_on: Sequence[str], at: datetime
) -> None:
    """End what an origin still has going on of a provider, but for those named.

    For pages that show only what goes on: what is gone from them ended before they were looked at.
    """
    own = select(Provider.id).where(Provider.key == provider).scalar_subquery()
    connection.execute(
        update(Outage)
        .where(Outage.origin == origin, Outage.provider_id == own, Outage.end.is_(None))
        .where(Outage.external_id.not_in(going_on), Outage.start <= at)
        .values(end=at)
    )


def confirm(connection: Connection, id_: int) -> bool:
    """A person vouches for an outage; False where there is none of that id."""
    done = connection.execute(update(Outage).where(Outage.id == id_).values(confirmed=True))
    return done.rowcount > 0


def replace_suggested(
    connection: Connection, origin: str, prefix: str, events: Sequence[NewOutage]
) -> None:
    """Make the suggestions of an origin whose ids begin so these; ids of those that stay, and
    confirmed ones, are kept."""
    keep = [event.external_id for event in events]
    stale = connection.execute(
        select(Outage.id, Outage.external_id).where(
            Outage.origin == origin,
            ~Outage.confirmed,
            func.substr(Outage.external_id, 1, len(prefix)) == prefix,
        )
    )
    gone = [id_ for id_, external in stale if external not in set(keep)]
    if gone:
        connection.execute(delete(Outage).where(Outage.id.in_(gone)))
    add(connection, events)
