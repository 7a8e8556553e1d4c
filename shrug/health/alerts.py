"""Telling somebody when a source goes quiet, and when it is back: once each."""

from collections.abc import Sequence

from analysis.messages import Messages
from db.core import metadata
from db.core.engine import Store
from shrug.delivery.notifications import send, taken
from shrug.health.sources import FINE, Health, advice

ILL = "alerts.ill"


def alert(store: Store, found: Sequence[Health], address: str, messages: Messages) -> str | None:
    """Send what has changed since the last message; gives why that failed, if it did.

    What could not be sent is tried again the next time.
    """
    ill = {h.source: h for h in found if h.state not in FINE}
    with store.reading() as connection:
        before = metadata.listed(connection, ILL)
    lines = [_line(ill[name], messages) for name in sorted(set(ill) - before)]
    lines += [messages("alert_back", source=name) for name in sorted(before - set(ill))]
    if not lines:
        return None
    result = send(address, title=messages("alert_title"), body="\n".join(lines))
    if result is None:
        return "its address (alert) is none that Apprise knows"
    if not taken(result):
        return f"the alert was not taken: {result.status.name.lower()}"
    with store.writing() as connection:
        metadata.list_(connection, ILL, sorted(ill))
    return None


def _line(health: Health, messages: Messages) -> str:
    state = messages(f"state_{health.state}")
    return messages("alert_ill", source=health.source, state=state, advice=advice(health, messages))
