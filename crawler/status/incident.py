"""An incident of a status page, of any platform."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from crawler.parsing import as_text, parse_time

OUTAGE, DEGRADED, MAINTENANCE = "outage", "degraded", "maintenance"


@dataclass(frozen=True, slots=True)
class Incident:
    """kind: outage, degraded or maintenance. start: may be before it was published. end: None while
    it lasts. components: (id, name) of those that it touches.
    """

    id: str
    title: str
    start: datetime
    end: datetime | None
    kind: str
    url: str | None = None
    components: tuple[tuple[str, str], ...] = ()

    @classmethod
    def make(
        cls,
        id_: Any,
        title: Any,
        start: Any,
        end: Any,
        kind: str,
        url: Any = None,
        components: Iterable[tuple[str, str]] = (),
    ) -> Self:
        """Build an incident of a page's values; `start` and `end` as `parse_time` takes them.

        The end is never before the start; None if it is missing or 0.
        """
        began = parse_time(start)
        ended = max(began, parse_time(end)) if end not in (None, "", 0) else None
        names = tuple(dict(components).items())
        return cls(str(id_), str(title), began, ended, kind, as_text(url), names)


def component_names(rows: Any, id_: str = "id", name: str = "name") -> list[tuple[str, str]]:
    """Return the (id, name) pairs of components; rows without an id are left out."""
    valid = [row for row in rows or () if isinstance(row, Mapping) and row.get(id_)]
    return [(str(row[id_]), str(row.get(name, ""))) for row in valid]
