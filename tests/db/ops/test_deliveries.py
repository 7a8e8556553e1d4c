"""Deliveries: one per subscriber and report, with its state and attempts."""

from db.core.engine import Store
from db.ops import deliveries
from tests.db.samples import HOUR, T0


def test_a_failed_delivery_is_tried_again_under_the_same_id(store: Store) -> None:
    with store.writing() as connection:
        id_ = deliveries.claim(connection, "ann", T0, T0 + HOUR, T0 + HOUR)
        deliveries.end(connection, id_, "no route")
        assert deliveries.undelivered(connection) == ["ann"]
        assert deliveries.claim(connection, "ann", T0, T0 + HOUR, T0 + 2 * HOUR) == id_
        assert deliveries.attempts(connection, id_) == 2
        latest = deliveries.latest(connection, "ann")
        assert latest is not None
        assert (latest.state, latest.why, latest.tried_at) == ("sending", None, T0 + 2 * HOUR)
        deliveries.end(connection, id_, None)
        assert deliveries.undelivered(connection) == []


def test_only_a_subscribers_newest_report_is_undelivered(store: Store) -> None:
    with store.writing() as connection:
        failed = deliveries.claim(connection, "ann", T0, T0 + HOUR, T0 + HOUR)
        deliveries.end(connection, failed, "no route")
        sent = deliveries.claim(connection, "ann", T0 + HOUR, T0 + 2 * HOUR, T0 + 2 * HOUR)
        deliveries.end(connection, sent, None)
        deliveries.claim(connection, "bob", T0, T0 + HOUR, T0 + HOUR)
        assert deliveries.undelivered(connection) == ["bob"]
        latest_failed = deliveries.latest(connection, "ann", "failed")
        assert latest_failed is not None
        assert latest_failed.id == failed
        assert deliveries.latest(connection, "carol") is None
