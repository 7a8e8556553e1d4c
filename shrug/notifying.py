"""Sending a message by Apprise; what addresses hold is secret, and reaches no log."""

import logging

import apprise

# It writes addresses, with their secrets, into its log.
logging.getLogger(apprise.LOGGER_NAME).disabled = True


def send(
    address: str, *, title: str, body: str, attach: str | None = None
) -> apprise.AppriseResult | None:
    """Send plain text to one address; None where it is none that Apprise knows."""
    service = apprise.Apprise()
    if not service.add(address):
        return None
    text = apprise.NotifyFormat.TEXT
    return service.notify(title=title, body=body, body_format=text, attach=attach)


def taken(result: apprise.AppriseResult) -> bool:
    """Whether whoever was sent to took the message."""
    return bool(result.status == apprise.AppriseResultStatus.SUCCESS)
