"""Cloudflare's own status API, version 3, on which other providers have pages too."""

from typing import Any

from crawler.parsing import Read, each, field, instant, load_json, text_or_none
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, ended, parts

PATHS = ("/api/v3/summary",)
KINDS = {"critical": OUTAGE, "major": OUTAGE, "maintenance": MAINTENANCE}


def read(body: bytes) -> Read[Incident]:
    """Active and recent incidents."""
    answer = load_json(body, "cloudflare")
    result = field(answer, "result", dict, "cloudflare")
    active = field(result, "active_incidents", list, "cloudflare")
    recent = field(result, "recent_incidents", list, "cloudflare")
    return Read(*each([*active, *recent], _incident))


def _incident(row: dict[str, Any]) -> Incident:
    start = instant(row.get("starts_at") or row["created_at"])
    return Incident(
        id=str(row["id"]),
        title=str(row["name"]),
        start=start,
        end=ended(start, row.get("resolved_at")),
        kind=KINDS.get(str(row.get("impact")), DEGRADED),
        url=text_or_none(row.get("shortlink")),
        components=parts(row.get("components")),
    )
