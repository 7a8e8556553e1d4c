"""Flashduty's status pages, on which DeepSeek tells of its outages since May 2026."""

from typing import Any

from crawler.parsing import Read, each, field, instant, load_json
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, ended, parts

PATHS = (
    "/api/status-page/{page}/change/list?start_at_seconds={since}&end_at_seconds={until}",
    "/api/status-page/{page}/summary/active",
)
DOWN = {"full_outage", "major_outage", "partial_outage"}


def read(body: bytes) -> Read[Incident]:
    """Changes of …/change/list, or those going on of …/summary/active."""
    data = field(load_json(body, "flashduty"), "data", dict, "flashduty")
    name = "active_changes" if "active_changes" in data else "items"
    return Read(*each(field(data, name, list, "flashduty"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    start = instant(row["start_at_seconds"])
    touched = list(row.get("affected_components") or [])
    changed = [c for u in row.get("updates") or [] for c in u.get("component_changes") or []]
    states = {str(c.get("status")) for c in (*touched, *changed)}
    planned = row.get("type") == "maintenance"
    kind = MAINTENANCE if planned else OUTAGE if states & DOWN else DEGRADED
    named = (*parts(changed, "component_id", "component_name"), *parts(touched, "component_id"))
    return Incident(
        id=str(row["change_id"]),
        title=str(row["title"]),
        start=start,
        end=ended(start, row.get("close_at_seconds")),
        kind=kind,
        components=tuple(dict(named).items()),
    )
