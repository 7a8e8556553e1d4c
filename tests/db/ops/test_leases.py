"""A lease has one owner at a time."""

from db.core.engine import Store
from db.ops import leases
from tests.db.samples import HOUR, T0


def test_a_lease_that_was_taken_over_cannot_be_renewed_or_released(store: Store) -> None:
    with store.writing() as connection:
        assert leases.read(connection, "daemon") is None
        leases.take(connection, "daemon", "first", T0)
        assert leases.renew(connection, "daemon", "first", T0 + HOUR)
        leases.take(connection, "daemon", "second", T0 + 2 * HOUR)
        assert not leases.renew(connection, "daemon", "first", T0 + 3 * HOUR)
        leases.release(connection, "daemon", "first")
        assert leases.read(connection, "daemon") == leases.LeaseRecord("second", T0 + 2 * HOUR)
        leases.release(connection, "daemon", "second")
        assert leases.read(connection, "daemon") is None
