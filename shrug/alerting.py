"""Telling somebody when a source goes quiet, and when it is back: once each."""

from collections.abc import Sequence

import apprise

from analysis.messages import Messages
from db import facts
from db.engine import Store
from shrug.health import Health

ILL = "alerts.ill"
FINE = {"well", "off", "new"}


def alert(store: Store, found: Sequence[Health], address: str, messages: Messages) -> str | None:
    """Send what has changed since the last message; gives why that failed, if it did.

    What could not be sent is tried again the next time.
    """
    ill = {h.source: h for h in found if h.state not in FINE}
    with store.reading() as connection:
        before = facts.listed(connection, ILL)
    lines = [_line(ill[name], messages) for name in sorted(set(ill) - before)]
    lines += [messages("alert_back", source=name) for name in sorted(before - set(ill))]
    if not lines:
        return None
    service = apprise.Apprise()
    if not service.add(address):
        return "its address (alert) is none that Apprise knows"
    result = service.notify(title=messages("alert_title"), body="\n".join(lines))
    if result.status != apprise.AppriseResultStatus.SUCCESS:
        return f"the alert was not taken: {result.status.name.lower()}"
    with store.writing() as connection:
        facts.list_(connection, ILL, sorted(ill))
    return None


def _line(health: Health, messages: Messages) -> str:
    state = messages(f"state_{health.state}")
    advice = messages(
        f"advice_{health.state}", why=health.why or "", needs=messages.listed(health.needs)
    )
    return messages("alert_ill", source=health.source, state=state, advice=advice)
