"""Sending messages by Apprise; the secrets in addresses reach no log."""

import logging
from typing import TYPE_CHECKING, Any

from db.core.extras import require_extra

if TYPE_CHECKING:
    from apprise import AppriseResult


def load_apprise() -> Any:
    """Import Apprise with its log turned off: it would write addresses with their secrets.

    Raises BadInput if it is not installed.
    """
    with require_extra("delivery", "sending messages"):
        import apprise

    logging.getLogger(apprise.LOGGER_NAME).disabled = True
    return apprise


def send(
    address: str, *, setting: str, title: str, body: str, attachment: str | None = None
) -> str | None:
    """Send plain text to one address; return what failed, in words without the address.

    setting: the name of the setting that holds the address. Raises BadInput if Apprise is missing.
    """
    apprise = load_apprise()
    service = apprise.Apprise()
    if not service.add(address):
        return f"its address ({setting}) is none that Apprise knows"
    result: AppriseResult = service.notify(
        title=title, body=body, body_format=apprise.NotifyFormat.TEXT, attach=attachment
    )
    if result.status.name == "SUCCESS":
        return None
    names = ", ".join(sorted({each.name for each in result.results})) or "the service"
    return f"{names}: {result.status.name.lower()}"
