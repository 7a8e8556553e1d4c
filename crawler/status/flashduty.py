"""Flashduty's status pages, which DeepSeek uses since May 2026."""

from typing import Any

from crawler.parsing import Read, each, field, load_json
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, component_names

PATHS = (
    "/api/status-page/{page}/change/list?start_at_seconds={since}&end_at_seconds={until}",
    "/api/status-page/{page}/summary/active",
)
DOWN = {"full_outage", "major_outage", "partial_outage"}


def read(body: bytes) -> Read[Incident]:
    """Read the changes of …/change/list, or the open ones of …/summary/active."""
    data = field(load_json(body, "flashduty"), "data", dict, "flashduty")
    name = "active_changes" if "active_changes" in data else "items"
    return Read(*each(field(data, name, list, "flashduty"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    affected = list(row.get("affected_components") or [])
    changed = [c for u in row.get("updates") or [] for c in u.get("component_changes") or []]
    states = {str(c.get("status")) for c in (*affected, *changed)}
    is_planned = row.get("type") == "maintenance"
    kind = MAINTENANCE if is_planned else OUTAGE if states & DOWN else DEGRADED
    components = component_names(changed, "component_id", "component_name")
    components += component_names(affected, "component_id")
    start, end = row["start_at_seconds"], row.get("close_at_seconds")
    return Incident.make(row["change_id"], row["title"], start, end, kind, None, components)
