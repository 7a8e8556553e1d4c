"""One daemon has a store: its lease, its heartbeat, and who takes over."""

from datetime import UTC, datetime, timedelta

import pytest

from db.core.engine import Store
from db.core.errors import BadInput
from db.ops import leases
from shrug.daemon.lease import HEARTBEAT_TIMEOUT, NAME, DaemonLease


def test_another_machines_daemon_counts_as_running_for_a_minute(store: Store) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with store.writing() as connection:
        leases.take(connection, NAME, "elsewhere/1/x", now)
    with pytest.raises(BadInput, match="process 1 on elsewhere"):
        DaemonLease(store, lambda: now + HEARTBEAT_TIMEOUT / 2).acquire()
    mine = DaemonLease(store, lambda: now + HEARTBEAT_TIMEOUT + timedelta(seconds=1))
    mine.acquire()
    assert mine.renew()


def test_a_daemon_that_was_replaced_cannot_renew_its_lease(store: Store) -> None:
    mine = DaemonLease(store)
    mine.acquire()
    with store.writing() as connection:
        leases.take(connection, NAME, "elsewhere/1/x", datetime.now(UTC))
    assert not mine.renew()
    mine.release()
    with store.reading() as connection:
        lease = leases.read(connection, NAME)
    assert lease is not None
    assert lease.owner == "elsewhere/1/x"
