"""Alerts: a message when a source fails or goes quiet, and one when it is back."""

from collections.abc import Sequence

from analysis.messages import Messages
from db.core import metadata
from db.core.engine import Store
from shrug.delivery.notifications import send
from shrug.health.sources import HEALTHY_STATES, SourceHealth, advice

ALERTED_SOURCES = "alerts.ill"


def send_alert(
    store: Store, sources: Sequence[SourceHealth], address: str, messages: Messages
) -> str | None:
    """Send the changes since the last message; return what failed, if anything did.

    A message that could not be sent is tried again the next time.
    """
    unhealthy = {s.source: s for s in sources if s.state not in HEALTHY_STATES}
    with store.reading() as connection:
        before = metadata.read_list(connection, ALERTED_SOURCES)
    lines = [_line(unhealthy[name], messages) for name in sorted(set(unhealthy) - before)]
    lines += [messages("alert_back", source=name) for name in sorted(before - set(unhealthy))]
    if not lines:
        return None
    error = send(address, setting="alert", title=messages("alert_title"), body="\n".join(lines))
    if error:
        return f"the alert was not taken: {error}"
    with store.writing() as connection:
        metadata.write_list(connection, ALERTED_SOURCES, sorted(unhealthy))
    return None


def _line(health: SourceHealth, messages: Messages) -> str:
    state = messages(f"state_{health.state}")
    return messages("alert_ill", source=health.source, state=state, advice=advice(health, messages))
