"""When a report is due, and which span it covers."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from db.ops.deliveries import DeliveryRecord
from shrug.delivery.due import LONGEST_SPAN, RETRY_DELAYS, DueReport, next_due
from shrug.delivery.subscribers import Subscriber

MONDAY = datetime(2026, 4, 20, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def subscriber(**options: Any) -> Subscriber:
    return Subscriber.model_validate({"name": "desk", "to": "json://x", **options})


def failed_delivery(attempts: int) -> DeliveryRecord:
    return DeliveryRecord(1, "desk", MONDAY - WEEK, MONDAY, "failed", attempts, MONDAY, "why")


def test_the_first_report_covers_the_last_week() -> None:
    assert next_due(subscriber(), None, None, MONDAY) == DueReport(MONDAY - WEEK, MONDAY)


def test_each_failed_delivery_waits_longer_and_a_manual_retry_does_not_wait() -> None:
    for attempts, delay in enumerate(RETRY_DELAYS, 1):
        newest = failed_delivery(attempts)
        just_before = MONDAY + delay - timedelta(seconds=1)
        assert next_due(subscriber(), None, newest, just_before) == "waiting"
        assert isinstance(next_due(subscriber(), None, newest, MONDAY + delay), DueReport)
        assert isinstance(next_due(subscriber(), None, newest, MONDAY, retry=True), DueReport)


DAYS = st.integers(0, 400)
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"])
STEPS = st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=30)


@given(start=DAYS, steps=STEPS, every=st.sampled_from(["week", "day"]), zone=ZONES)
def test_reports_cover_every_instant_once_whatever_fails(
    start: int, steps: list[tuple[int, bool]], every: str, zone: str
) -> None:
    """What arrived lies end to end, but for what is longer ago than a report may cover."""
    who = subscriber(every=every, zone=zone)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=start)
    last: DeliveryRecord | None = None
    arrived: list[DueReport] = []
    for number, (hours, well) in enumerate(steps):
        now += timedelta(hours=11 * hours)
        due = next_due(who, last, None, now)
        if isinstance(due, DueReport) and well:
            arrived.append(due)
            last = DeliveryRecord(number, "desk", due.start, due.end, "sent", 1, now, None)
    for before, after in pairwise(arrived):
        assert after.start == before.end or after.end - after.start == LONGEST_SPAN
        assert after.start < after.end
