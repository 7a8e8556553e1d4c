"""Atlassian Statuspage, whose form incident.io, Cerebras and others answer too."""

from typing import Any

from crawler.parsing import Read, each, field, instant, load_json, text_or_none
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, parts
from db.core.errors import SourceChanged

PATHS = ("/api/v2/incidents.json", "/api/v2/scheduled-maintenances.json")
KINDS = {"critical": OUTAGE, "major": OUTAGE, "maintenance": MAINTENANCE}
OVER = {"resolved", "postmortem", "completed"}


def read(body: bytes) -> Read[Incident]:
    """Incidents, or scheduled maintenances."""
    answer = load_json(body, "statuspage")
    planned = isinstance(answer, dict) and "scheduled_maintenances" in answer
    name = "scheduled_maintenances" if planned else "incidents"
    rows = field(answer, name, list, "statuspage")
    # Other platforms have a list of this name too, but say otherwise how bad it was.
    if rows and not any(isinstance(row, dict) and "impact" in row for row in rows):
        raise SourceChanged("statuspage: incidents with an impact were due")
    return Read(*each(rows, _incident))


def _incident(row: dict[str, Any]) -> Incident:
    planned = row.get("scheduled_for")
    # What began before it was published counts from when it began.
    starts = [instant(row[key]) for key in ("started_at", "created_at") if row.get(key)]
    start = instant(planned) if planned else min(starts)
    end = row.get("resolved_at") or (row.get("updated_at") if row.get("status") in OVER else None)
    if planned and not end:
        end = row.get("scheduled_until")
    return Incident(
        id=str(row["id"]),
        title=str(row["name"]),
        start=start,
        end=max(start, instant(end)) if end else None,
        kind=MAINTENANCE if planned else KINDS.get(str(row.get("impact")), DEGRADED),
        url=text_or_none(row.get("shortlink")),
        components=_components(row),
    )


def _components(row: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Those that it names, and those that its updates changed: the first list may be empty."""
    updates = [u for u in row.get("incident_updates") or [] if isinstance(u, dict)]
    changed = [c for u in updates for c in u.get("affected_components") or []]
    both = (*parts(row.get("components")), *parts(changed, "code"))
    return tuple(dict(both).items())
