"""Sending a message by Apprise; what addresses hold is secret, and reaches no log."""

import logging
from typing import TYPE_CHECKING, Any

from db.core.extras import require_extra

if TYPE_CHECKING:
    from apprise import AppriseResult


def load_apprise() -> Any:
    """The module, which writes no addresses, with their secrets, into its log.

    Raises BadInput if it is not installed.
    """
    with require_extra("delivery", "sending messages"):
        import apprise

    logging.getLogger(apprise.LOGGER_NAME).disabled = True
    return apprise


def send(
    address: str, *, title: str, body: str, attach: str | None = None
) -> "AppriseResult | None":
    """Send plain text to one address; None where it is none that Apprise knows."""
    apprise = load_apprise()
    service = apprise.Apprise()
    if not service.add(address):
        return None
    text = apprise.NotifyFormat.TEXT
    result: AppriseResult = service.notify(title=title, body=body, body_format=text, attach=attach)
    return result


def taken(result: "AppriseResult") -> bool:
    """Whether whoever was sent to took the message."""
    return bool(result.status.name == "SUCCESS")
