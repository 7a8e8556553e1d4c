"""Queries on who does what only one may do at a time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.core.models import Lease


@dataclass(frozen=True, slots=True)
class KeptLease:
    owner: str
    beat_at: datetime


def read(connection: Connection, name: str) -> KeptLease | None:
    """Who holds a lease, and since when nothing was heard of it."""
    query = select(Lease.owner, Lease.beat_at).where(Lease.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else KeptLease(*row)


def take(connection: Connection, name: str, owner: str, at: datetime) -> None:
    """Write that a lease is held from now on by `owner`, whoever held it."""
    connection.execute(delete(Lease).where(Lease.name == name))
    connection.execute(insert(Lease).values(name=name, owner=owner, beat_at=at))


def beat(connection: Connection, name: str, owner: str, at: datetime) -> bool:
    """Say that the owner lives; False where the lease is another's by now."""
    own = Lease.name == name, Lease.owner == owner
    return connection.execute(update(Lease).where(*own).values(beat_at=at)).rowcount > 0


def give_back(connection: Connection, name: str, owner: str) -> None:
    """Hold a lease no longer."""
    connection.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))
