"""Queries on the ledger of outages."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update

from db.catalog import provider_rows
from db.core.models import Outage, Provider
from db.core.records import NewOutage
from db.core.upsert import upsert

BRIEF_DURATION = timedelta(minutes=1)
COPIED_COLUMNS = [f.name for f in fields(NewOutage) if f.name not in {"provider", "components"}]
# What a person confirmed stays confirmed.
UPDATED_COLUMNS = {"provider_id", "components", *COPIED_COLUMNS} - {
    "origin",
    "external_id",
    "confirmed",
}


@dataclass(frozen=True, slots=True)
class KnownOutage:
    """A stored outage; `provider` is the provider's key. See `Outage` for the other fields."""

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
    def is_brief(self) -> bool:
        """Whether it lasted less than a minute, as monitors' false alarms do."""
        return self.end is not None and self.end - self.start < BRIEF_DURATION


def add(connection: Connection, outages: Iterable[NewOutage]) -> int:
    """Store outages, overwriting those of the same origin and id; return their number."""
    provider_ids = provider_rows.ids(connection)
    rows = [
        {
            "provider_id": provider_ids[o.provider],
            **{name: getattr(o, name) for name in COPIED_COLUMNS},
            "components": json.dumps(o.components, ensure_ascii=False),
        }
        for o in outages
    ]
    upsert(connection, Outage, rows, ["origin", "external_id"], update=sorted(UPDATED_COLUMNS))
    return len(rows)


def read(
    connection: Connection,
    *,
    provider: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    origins: Sequence[str] = (),
) -> list[KnownOutage]:
    """Return outages that overlap [start, end), oldest first."""
    copied = (getattr(Outage, name) for name in COPIED_COLUMNS)
    provider_columns = Provider.key.label("provider"), Provider.kind.label("provider_kind")
    query = select(Outage.id, *provider_columns, *copied, Outage.components)
    query = query.join(Provider, Outage.provider_id == Provider.id)
    if provider:
        query = query.where(Provider.key == provider)
    if start:
        query = query.where(or_(Outage.end.is_(None), Outage.end >= start))
    if end:
        query = query.where(Outage.start < end)
    if origins:
        query = query.where(Outage.origin.in_(origins))
    rows = connection.execute(query.order_by(Outage.start, Outage.id)).mappings()
    return [
        KnownOutage(**{**row, "components": tuple(json.loads(row["components"]))}) for row in rows
    ]


def end_missing(
    connection: Connection, origin: str, provider: str, going_on: Sequence[str], at: datetime
) -> None:
    """End a provider's ongoing outages of an origin, but for the external ids in `going_on`.

    For pages that show only ongoing outages: one that is missing there has ended by `at`.
    """
    provider_id = select(Provider.id).where(Provider.key == provider).scalar_subquery()
    connection.execute(
        update(Outage)
        .where(Outage.origin == origin, Outage.provider_id == provider_id, Outage.end.is_(None))
        .where(Outage.external_id.not_in(going_on), Outage.start <= at)
        .values(end=at)
    )


def confirm(connection: Connection, id_: int) -> bool:
    """Mark an outage as confirmed; return False if there is none of that id."""
    done = connection.execute(update(Outage).where(Outage.id == id_).values(confirmed=True))
    return done.rowcount > 0


def replace_suggested(
    connection: Connection, origin: str, prefix: str, events: Sequence[NewOutage]
) -> None:
    """Replace an origin's suggested outages whose external ids begin with `prefix`. Confirmed ones,
    and the row ids of those that are suggested again, stay."""
    suggested = {event.external_id for event in events}
    stale = connection.execute(
        select(Outage.id, Outage.external_id).where(
            Outage.origin == origin,
            ~Outage.confirmed,
            func.substr(Outage.external_id, 1, len(prefix)) == prefix,
        )
    )
    deleted = [id_ for id_, external in stale if external not in suggested]
    if deleted:
        connection.execute(delete(Outage).where(Outage.id.in_(deleted)))
    add(connection, events)
