"""Column types: instants stored in UTC."""

from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def require_zone(value: datetime) -> datetime:
    """Return the instant itself. Raises ValueError if it has no zone."""
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return value


@lru_cache(maxsize=10_000)
def sqlite_text(value: datetime | None) -> str | None:
    """Format an instant as SQLAlchemy does for SQLite, in UTC. Raises ValueError if it has no zone.

    Cached: a post's time is stored again with each of its mentions.
    """
    if value is None:
        return None
    utc = value if value.tzinfo is UTC else require_zone(value).astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:-6]  # without "+00:00"


class UtcTime(TypeDecorator[datetime]):
    """An instant: timezone-aware in Python, UTC in the store.

    SQLite has no zones, so the offset is dropped on the way in and UTC put back on the way out.
    A naive time raises ValueError.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = require_zone(value).astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
