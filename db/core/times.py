"""Times as people and files write them: ISO 8601, in a zone that is known."""

from datetime import UTC, datetime, tzinfo

from db.core.errors import BadInput


def read_time(value: str | datetime, zone: tzinfo | None = None) -> datetime:
    """A time with its zone; one that names none is on the clock of `zone`.

    Raises ValueError if it is not ISO 8601, or names no zone and none is given.
    """
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if at.tzinfo is None and zone is None:
        raise ValueError(f"the time {str(value)[:40]!r} has no zone")
    return at if at.tzinfo else at.replace(tzinfo=zone)


def read_time_option(text: str, zone: tzinfo, name: str, example: str) -> datetime:
    """A time that a user gave under a name, as UTC. Raises BadInput with an example."""
    try:
        return read_time(text, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{name}: not a time: {text[:40]!r}; write {example}") from None
