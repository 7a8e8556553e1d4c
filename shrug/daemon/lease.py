"""The lease by which a store has one daemon: its owner and its heartbeat."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psutil

from db.core.engine import Store
from db.core.errors import BadInput
from db.ops import leases

NAME = "daemon"
HEARTBEAT = timedelta(seconds=10)
# An owner on another machine is taken for dead after this time without a heartbeat.
HEARTBEAT_TIMEOUT = timedelta(seconds=60)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _owner_name() -> str:
    return f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}"


@dataclass(frozen=True)
class DaemonLease:
    """The lease of a store's daemon, for this process."""

    store: Store
    now: Callable[[], datetime] = _utc_now
    owner: str = field(default_factory=_owner_name)

    def acquire(self) -> None:
        """Acquire the lease. Raises BadInput if another running daemon has it."""
        with self.store.writing() as connection:
            self._refuse_if_running(leases.read(connection, NAME))
            leases.take(connection, NAME, self.owner, self.now())

    def refuse_running_daemon(self) -> None:
        """Raise BadInput if a running daemon has the store."""
        with self.store.reading() as connection:
            self._refuse_if_running(leases.read(connection, NAME))

    def _refuse_if_running(self, lease: leases.LeaseRecord | None) -> None:
        now = self.now()
        if lease and not self._is_dead(lease, now):
            host, pid, _ = lease.owner.split("/")
            silence = max(0, round((now - lease.beat_at).total_seconds()))
            raise BadInput(
                f"another daemon keeps this store: process {pid} on {host}, heard of {silence} s "
                "ago; stop it first, or name another store with --database"
            )

    def renew(self) -> bool:
        """Write a heartbeat; return False if another daemon has taken over."""
        with self.store.writing() as connection:
            return leases.renew(connection, NAME, self.owner, self.now())

    def release(self) -> None:
        with self.store.writing() as connection:
            leases.release(connection, NAME, self.owner)

    def _is_dead(self, lease: leases.LeaseRecord, now: datetime) -> bool:
        host, pid, _ = lease.owner.split("/")
        if host == socket.gethostname():
            return not is_alive(int(pid))
        # If the clock was set back, the heartbeat lies in the future.
        return abs(now - lease.beat_at) > HEARTBEAT_TIMEOUT


def is_alive(pid: int) -> bool:
    """Return whether a process of this machine runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
