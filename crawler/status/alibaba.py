"""Alibaba Cloud's events: of the whole cloud, not of Qwen."""

from typing import Any

from crawler.parsing import Read, each, field, instant, load_json
from crawler.status.incident import DEGRADED, Incident, ended

PATHS = ("/api/status/listHistoryEvent",)


def read(body: bytes) -> Read[Incident]:
    """Events of listHistoryEvent; their times are milliseconds."""
    answer = load_json(body, "alibaba")
    return Read(*each(field(answer, "data", list, "alibaba"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    start = instant(row["startTime"] / 1000)
    touched = [str(p) for p in row.get("products") or [] if isinstance(p, str)]
    return Incident(
        id=str(row["id"]),
        title=str(row["title"]),
        start=start,
        end=ended(start, row["endTime"] / 1000 if row.get("endTime") else None),
        kind=DEGRADED,
        components=tuple((name, name) for name in touched),
    )
