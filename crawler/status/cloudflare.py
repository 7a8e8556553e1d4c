"""Cloudflare's status API, version 3, which other providers use too."""

from typing import Any

from crawler.parsing import Read, each, field, load_json
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, component_names

PATHS = ("/api/v3/summary",)
KINDS = {"critical": OUTAGE, "major": OUTAGE, "maintenance": MAINTENANCE}


def read(body: bytes) -> Read[Incident]:
    """Read the active and recent incidents."""
    answer = load_json(body, "cloudflare")
    result = field(answer, "result", dict, "cloudflare")
    active = field(result, "active_incidents", list, "cloudflare")
    recent = field(result, "recent_incidents", list, "cloudflare")
    return Read(*each([*active, *recent], _incident))


def _incident(row: dict[str, Any]) -> Incident:
    start, end = row.get("starts_at") or row["created_at"], row.get("resolved_at")
    kind = KINDS.get(str(row.get("impact")), DEGRADED)
    components = component_names(row.get("components"))
    url = row.get("shortlink")
    return Incident.make(row["id"], row["name"], start, end, kind, url, components)
