"""Sending a message by Apprise; what addresses hold is secret, and reaches no log."""

import logging
from typing import TYPE_CHECKING

from db.core.extras import require_extra

if TYPE_CHECKING:
    from apprise import AppriseResult


def send(
    address: str, *, title: str, body: str, attach: str | None = None
) -> "AppriseResult | None":
    """Send plain text to one address; None where it is none that Apprise knows.

    Raises BadInput if Apprise is not installed.
    """
    with require_extra("delivery", "sending messages"):
        import apprise

    # It writes addresses, with their secrets, into its log.
    logging.getLogger(apprise.LOGGER_NAME).disabled = True
    service = apprise.Apprise()
    if not service.add(address):
        return None
    text = apprise.NotifyFormat.TEXT
    return service.notify(title=title, body=body, body_format=text, attach=attach)


def taken(result: "AppriseResult") -> bool:
    """Whether whoever was sent to took the message."""
    return bool(result.status.name == "SUCCESS")
