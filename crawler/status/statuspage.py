"""Atlassian Statuspage, whose form incident.io, Cerebras and others use too."""

from typing import Any

from crawler.parsing import Read, each, field, load_json, parse_time
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, component_names
from db.core.errors import SourceChanged

PATHS = ("/api/v2/incidents.json", "/api/v2/scheduled-maintenances.json")
KINDS = {"critical": OUTAGE, "major": OUTAGE, "maintenance": MAINTENANCE}
OVER = {"resolved", "postmortem", "completed"}


def read(body: bytes) -> Read[Incident]:
    """Read the incidents, or the scheduled maintenances."""
    answer = load_json(body, "statuspage")
    is_planned = isinstance(answer, dict) and "scheduled_maintenances" in answer
    name = "scheduled_maintenances" if is_planned else "incidents"
    rows = field(answer, name, list, "statuspage")
    # Other platforms have a list of this name too, but no impact.
    if rows and not any(isinstance(row, dict) and "impact" in row for row in rows):
        raise SourceChanged("statuspage: incidents with an impact were due")
    return Read(*each(rows, _incident))


def _incident(row: dict[str, Any]) -> Incident:
    planned = row.get("scheduled_for")
    # What began before it was published counts from when it began.
    starts = [parse_time(row[key]) for key in ("started_at", "created_at") if row.get(key)]
    start = planned or min(starts)
    end = row.get("resolved_at") or (row.get("updated_at") if row.get("status") in OVER else None)
    if planned and not end:
        end = row.get("scheduled_until")
    kind = MAINTENANCE if planned else KINDS.get(str(row.get("impact")), DEGRADED)
    # Components that it names, and those that its updates changed: the first list may be empty.
    updates = [u for u in row.get("incident_updates") or [] if isinstance(u, dict)]
    changed = [c for u in updates for c in u.get("affected_components") or []]
    components = [*component_names(row.get("components")), *component_names(changed, "code")]
    return Incident.make(row["id"], row["name"], start, end, kind, row.get("shortlink"), components)
