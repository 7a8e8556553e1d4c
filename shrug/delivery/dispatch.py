"""Sending reports to subscribers; each is recorded before and after, so that it is sent once."""

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
from shrug.delivery.due import DueReport, next_due
from shrug.delivery.notifications import load_apprise, send
from shrug.delivery.subscribers import Subscriber
from shrug.measure import measurement

Measure = Callable[[datetime, datetime], Report]


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result for a subscriber. state: sent, failed, nothing (to send), due, or why not due."""

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
    retry: bool = False,
    dry_run: bool = False,
) -> list[DeliveryResult]:
    """Send each subscriber the report that is due.

    retry: also send a report that may have arrived, or that waits after a failure. dry_run: only
    say what would be sent. Raises BadInput if nothing can be sent at all.
    """
    if not dry_run:
        load_apprise()
    return [_deliver(store, s, measure, now, retry=retry, dry_run=dry_run) for s in subscribers]


def _deliver(
    store: Store,
    subscriber: Subscriber,
    measure: Measure,
    now: datetime,
    *,
    retry: bool,
    dry_run: bool,
) -> DeliveryResult:
    with store.reading() as connection:
        due = _next_due(connection, subscriber, now, retry=retry)
    if isinstance(due, DeliveryResult):
        return due
    if dry_run:
        return DeliveryResult(subscriber.name, "due", due.start, due.end)
    report = measurement.with_iso_week(measure(due.start, due.end), ZoneInfo(subscriber.zone))
    report = message.filter_outages(report, subscriber)
    # Checked again in the transaction that claims it: if two processes find it due, one sends.
    with store.writing() as connection:
        still_due = _next_due(connection, subscriber, now, retry=retry)
        if isinstance(still_due, DeliveryResult):
            return still_due
        id_ = deliveries.claim(connection, subscriber.name, due.start, due.end, now)
    is_sent = bool(report.judged) or subscriber.empty
    why = _send(subscriber, report) if is_sent else None
    with store.writing() as connection:
        deliveries.end(connection, id_, why)
        attempts = deliveries.attempts(connection, id_)
    state = "failed" if why else "sent" if is_sent else "nothing"
    return DeliveryResult(subscriber.name, state, due.start, due.end, attempts, why)


def _next_due(
    connection: Any, subscriber: Subscriber, now: datetime, *, retry: bool
) -> DueReport | DeliveryResult:
    """The report that is due, or why there is none, with the delivery that says so."""
    newest = deliveries.latest(connection, subscriber.name)
    sent = deliveries.latest(connection, subscriber.name, "sent")
    due = next_due(subscriber, sent, newest, now, retry=retry)
    if isinstance(due, DueReport):
        return due
    last = (newest.start, newest.end, newest.attempts, newest.why) if newest else ()
    return DeliveryResult(subscriber.name, due, *last)


def _send(subscriber: Subscriber, report: Report) -> str | None:
    """Send one report; return what failed, in words without an address."""
    messages = Messages(subscriber.lang, subscriber.zone)
    link = _link(subscriber, report)
    with tempfile.TemporaryDirectory() as folder:
        attachment = None
        if link is None:
            path = Path(folder) / f"shrug-{report.week or report.end.date()}.{subscriber.lang}.html"
            path.write_text(render.render_html(report, messages), encoding="utf-8")
            attachment = str(path)
        return send(
            subscriber.to.get_secret_value(),
            setting="to",
            title=message.title(report, messages),
            body=message.text(report, messages, link),
            attachment=attachment,
        )


def _link(subscriber: Subscriber, report: Report) -> str | None:
    if subscriber.link is None:
        return None
    base = f"{str(subscriber.link).rstrip('/')}/{subscriber.lang}"
    return f"{base}/reports/{report.week}.html" if report.week else f"{base}/outages"
