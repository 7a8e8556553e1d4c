"""What a status page says of one incident, whatever its platform."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.parsing import instant

OUTAGE, DEGRADED, MAINTENANCE = "outage", "degraded", "maintenance"


@dataclass(frozen=True, slots=True)
class Incident:
    """kind: outage, degraded or maintenance. start: when it began, which may be before it was
    published. end: None while it goes on. components: (id, name) of what it touches."""

    id: str
    title: str
    start: datetime
    end: datetime | None
    kind: str
    url: str | None = None
    components: tuple[tuple[str, str], ...] = ()


def ended(start: datetime, value: Any) -> datetime | None:
    """When it ended, never before it began; None where nothing is said."""
    return max(start, instant(value)) if value not in (None, "", 0) else None


def parts(rows: Any, id_: str = "id", name: str = "name") -> tuple[tuple[str, str], ...]:
    """Components as (id, name) pairs; what is none is left out."""
    found = [row for row in rows or () if isinstance(row, Mapping)]
    return tuple((str(row[id_]), str(row.get(name, ""))) for row in found if row.get(id_))
