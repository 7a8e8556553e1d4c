"""When a report is due, and what it covers: pure, by what was delivered before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db.ops.deliveries import KeptDelivery
from shrug.delivery.subscribers import Subscriber
from shrug.measure import weeks

# A report covers no more than this, however long nothing arrived.
LONGEST = timedelta(weeks=26)
# How long to wait after each failure; then as long as the last.
WAITS = [timedelta(minutes=m) for m in (1, 5, 30, 120, 360)]


@dataclass(frozen=True, slots=True)
class Due:
    """A report on [start, end) that is to be sent now."""

    start: datetime
    end: datetime


def due(
    subscriber: Subscriber,
    sent: KeptDelivery | None,
    newest: KeptDelivery | None,
    now: datetime,
    *,
    again: bool = False,
) -> Due | str:
    """What is due, or why nothing is: delivered, quiet, unsure or waiting.

    sent: the last delivery that arrived; the report begins where that one ended. newest: the last
    one that was tried. One of which nobody knows whether it arrived is not sent again by itself:
    the next report covers its span once more. again: it is, and nothing waits after a failure.
    """
    first, end = _last_span(subscriber, now)
    begun = sent.end if sent else newest.start if newest else first
    if sent and sent.end >= end:
        return "delivered"
    if newest and newest.end == end and not again:
        if newest.state == "sending":
            return "unsure"
        if newest.tried_at and now < newest.tried_at + _wait(newest.attempts):
            return "waiting"
    return "quiet" if subscriber.is_quiet(now) else Due(max(begun, end - LONGEST), end)


def _wait(attempts: int) -> timedelta:
    return WAITS[min(attempts, len(WAITS)) - 1]


def _last_span(subscriber: Subscriber, now: datetime) -> tuple[datetime, datetime]:
    """The last week, or day, that is over by the subscriber's clock."""
    zone = ZoneInfo(subscriber.zone)
    last = weeks.last_week if subscriber.every == "week" else weeks.last_day
    return last(now, zone)
