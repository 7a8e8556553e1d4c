"""When a subscriber's next report is due, and which span it covers; pure functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db.ops.deliveries import DeliveryRecord
from shrug.delivery.subscribers import Subscriber
from shrug.measure import weeks

# A report covers no more than this, even if nothing arrived for longer.
LONGEST_SPAN = timedelta(weeks=26)
# The delay after each failure; after more failures it stays the last.
RETRY_DELAYS = [timedelta(minutes=m) for m in (1, 5, 30, 120, 360)]


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report on [start, end) that is due now."""

    start: datetime
    end: datetime


def next_due(
    subscriber: Subscriber,
    sent: DeliveryRecord | None,
    newest: DeliveryRecord | None,
    now: datetime,
    *,
    retry: bool = False,
) -> DueReport | str:
    """Return the report that is due, or why none is: delivered, quiet, unsure or waiting.

    sent: the last delivery that arrived; the report begins at its end. newest: the last delivery
    that was tried. If it is not known whether that one arrived, it is not sent again: the next
    report covers its span once more. retry: send it again, and do not wait after a failure.
    """
    first, end = _last_span(subscriber, now)
    start = sent.end if sent else newest.start if newest else first
    if sent and sent.end >= end:
        return "delivered"
    if newest and newest.end == end and not retry:
        if newest.state == "sending":
            return "unsure"
        if newest.tried_at and now < newest.tried_at + _wait(newest.attempts):
            return "waiting"
    return "quiet" if subscriber.is_quiet(now) else DueReport(max(start, end - LONGEST_SPAN), end)


def _wait(attempts: int) -> timedelta:
    return RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]


def _last_span(subscriber: Subscriber, now: datetime) -> tuple[datetime, datetime]:
    """The last week, or day, that is over in the subscriber's zone."""
    zone = ZoneInfo(subscriber.zone)
    last = weeks.last_week if subscriber.every == "week" else weeks.last_day
    return last(now, zone)
