"""Sending what is due: written down before and after, so that no restart sends it twice."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from analysis.messages import Messages
from analysis.report import render
from analysis.report.data import Report
from db.core.engine import Store
from db.ops import deliveries
from shrug.delivery import message
from shrug.delivery.due import Due, due
from shrug.delivery.notifications import load_apprise, send, taken
from shrug.delivery.subscribers import Subscriber
from shrug.measure import measurement

Measure = Callable[[datetime, datetime], Report]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of a subscriber's report: sent, failed, or why nothing was sent."""

    subscriber: str
    state: str
    start: datetime | None = None
    end: datetime | None = None
    attempts: int = 0
    why: str | None = None


def deliver(
    store: Store,
    subscribers: Iterable[Subscriber],
    measure: Measure,
    now: datetime,
    *,
    again: bool = False,
    dry: bool = False,
) -> list[Delivered]:
    """Send each subscriber what is due. again: also what may have arrived, or waits after a
    failure. dry: only say what would be sent. Raises BadInput if nothing can be sent at all."""
    if not dry:
        load_apprise()
    return [_deliver(store, s, measure, now, again=again, dry=dry) for s in subscribers]


def _deliver(
    store: Store, subscriber: Subscriber, measure: Measure, now: datetime, *, again: bool, dry: bool
) -> Delivered:
    with store.reading() as connection:
        found = _found(connection, subscriber, now, again=again)
    if isinstance(found, Delivered):
        return found
    if dry:
        return Delivered(subscriber.name, "due", found.start, found.end)
    report = measurement.of_week(measure(found.start, found.end), ZoneInfo(subscriber.zone))
    own = message.filtered(report, subscriber)
    # Looked at again in the transaction that writes it down: of two that find it due, one sends.
    with store.writing() as connection:
        still = _found(connection, subscriber, now, again=again)
        if isinstance(still, Delivered):
            return still
        id_ = deliveries.claim(connection, subscriber.name, found.start, found.end, now)
    told = bool(own.judged) or subscriber.empty
    why = _send(subscriber, own) if told else None
    with store.writing() as connection:
        deliveries.end(connection, id_, why)
        attempts = deliveries.attempts(connection, id_)
    state = "failed" if why else "sent" if told else "nothing"
    return Delivered(subscriber.name, state, found.start, found.end, attempts, why)


def _found(
    connection: Any, subscriber: Subscriber, now: datetime, *, again: bool
) -> Due | Delivered:
    """What is due, or why nothing is, with the delivery that says so."""
    name = subscriber.name
    newest = deliveries.latest(connection, name)
    sent = deliveries.latest(connection, name, "sent")
    found = due(subscriber, sent, newest, now, again=again)
    if isinstance(found, Due):
        return found
    told = (newest.start, newest.end, newest.attempts, newest.why) if newest else ()
    return Delivered(name, found, *told)


def _send(subscriber: Subscriber, report: Report) -> str | None:
    """Send one report; gives what failed, in words that hold no address."""
    messages = Messages(subscriber.lang, subscriber.zone)
    link = _link(subscriber, report)
    with tempfile.TemporaryDirectory() as folder:
        attached = None
        if link is None:
            path = Path(folder) / f"shrug-{report.week or report.end.date()}.{subscriber.lang}.html"
            path.write_text(render.html(report, messages), encoding="utf-8")
            attached = str(path)
        result = send(
            subscriber.to.get_secret_value(),
            title=message.title(report, messages),
            body=message.text(report, messages, link),
            attach=attached,
        )
    if result is None:
        return "its address (to) is none that Apprise knows"
    if taken(result):
        return None
    named = ", ".join(sorted({each.name for each in result.results})) or "the service"
    return f"{named}: {result.status.name.lower()}"


def _link(subscriber: Subscriber, report: Report) -> str | None:
    if subscriber.link is None:
        return None
    base = f"{str(subscriber.link).rstrip('/')}/{subscriber.lang}"
    return f"{base}/reports/{report.week}.html" if report.week else f"{base}/outages"
