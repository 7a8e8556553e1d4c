"""Parsing of ISO 8601 times."""

from datetime import UTC, datetime, tzinfo

from db.core.errors import BadInput


def read_time(value: str | datetime, zone: tzinfo | None = None) -> datetime:
    """Parse a time; one without a zone is in `zone`.

    Raises ValueError if it is not ISO 8601, or has no zone and `zone` is None.
    """
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if at.tzinfo is None and zone is None:
        raise ValueError(f"the time {str(value)[:40]!r} has no zone")
    return at if at.tzinfo else at.replace(tzinfo=zone)


def read_time_option(text: str, zone: tzinfo, name: str, example: str) -> datetime:
    """Parse a user's option as a time in UTC. Raises BadInput with an example."""
    try:
        return read_time(text, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{name}: not a time: {text[:40]!r}; write {example}") from None
