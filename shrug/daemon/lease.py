"""One daemon for each store: a lease with its owner and a heartbeat."""

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
BEAT = timedelta(seconds=10)
# An owner of another machine of whom nothing was heard for this long is taken for dead.
DEAD = timedelta(seconds=60)


def _clock() -> datetime:
    return datetime.now(UTC)


def _me() -> str:
    return f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex}"


@dataclass(frozen=True)
class Holder:
    """This process, as the holder of a store's lease."""

    store: Store
    now: Callable[[], datetime] = _clock
    owner: str = field(default_factory=_me)

    def take(self) -> None:
        """Hold the lease; BadInput where another daemon that lives holds it."""
        with self.store.writing() as connection:
            self._refuse(leases.read(connection, NAME))
            leases.take(connection, NAME, self.owner, self.now())

    def refuse(self) -> None:
        """BadInput where a daemon that lives keeps the store."""
        with self.store.reading() as connection:
            self._refuse(leases.read(connection, NAME))

    def _refuse(self, held: leases.KeptLease | None) -> None:
        now = self.now()
        if held and not self._dead(held, now):
            host, pid, _ = held.owner.split("/")
            heard = max(0, round((now - held.beat_at).total_seconds()))
            raise BadInput(
                f"another daemon keeps this store: process {pid} on {host}, heard of {heard} s "
                "ago; stop it first, or name another store with --database"
            )

    def beat(self) -> bool:
        """Say that we live; False where another has taken over."""
        with self.store.writing() as connection:
            return leases.beat(connection, NAME, self.owner, self.now())

    def give_back(self) -> None:
        with self.store.writing() as connection:
            leases.give_back(connection, NAME, self.owner)

    def _dead(self, held: leases.KeptLease, now: datetime) -> bool:
        host, pid, _ = held.owner.split("/")
        if host == socket.gethostname():
            return not is_alive(int(pid))
        # A clock that went back makes an owner look as if it came from the future.
        return abs(now - held.beat_at) > DEAD


def is_alive(pid: int) -> bool:
    """Whether a process of this machine lives; one that is only waited for does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
