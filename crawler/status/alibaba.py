"""Alibaba Cloud's events, of the whole cloud, not of Qwen alone."""

from typing import Any

from crawler.parsing import Read, each, field, load_json
from crawler.status.incident import DEGRADED, Incident

PATHS = ("/api/status/listHistoryEvent",)


def read(body: bytes) -> Read[Incident]:
    """Read the events of listHistoryEvent, whose times are in milliseconds."""
    answer = load_json(body, "alibaba")
    return Read(*each(field(answer, "data", list, "alibaba"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    products = [str(p) for p in row.get("products") or [] if isinstance(p, str)]
    end = row["endTime"] / 1000 if row.get("endTime") else None
    components = [(name, name) for name in products]
    start = row["startTime"] / 1000
    return Incident.make(row["id"], row["title"], start, end, DEGRADED, None, components)
