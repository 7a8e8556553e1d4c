"""Queries on leases: tasks that only one process may do at a time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.core.models import Lease


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """The owner of a lease and the time of its last heartbeat."""

    owner: str
    beat_at: datetime


def read(connection: Connection, name: str) -> LeaseRecord | None:
    """Return the owner and last heartbeat of a lease; None if it is free."""
    query = select(Lease.owner, Lease.beat_at).where(Lease.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else LeaseRecord(*row)


def take(connection: Connection, name: str, owner: str, at: datetime) -> None:
    """Give a lease to `owner`, whoever had it."""
    connection.execute(delete(Lease).where(Lease.name == name))
    connection.execute(insert(Lease).values(name=name, owner=owner, beat_at=at))


def renew(connection: Connection, name: str, owner: str, at: datetime) -> bool:
    """Write a heartbeat; return False if the lease is another's by now."""
    lease = Lease.name == name, Lease.owner == owner
    return connection.execute(update(Lease).where(*lease).values(beat_at=at)).rowcount > 0


def release(connection: Connection, name: str, owner: str) -> None:
    """Release a lease, if it is still the owner's."""
    connection.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))
