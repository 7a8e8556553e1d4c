"""Checkly's status pages: unresolved incidents."""

from typing import Any

from crawler.parsing import Read, each, field, load_json
from crawler.status.incident import DEGRADED, OUTAGE, Incident, component_names

PATHS = ("/api/status-page/{page}/unresolved-incidents",)
KINDS = {"MAJOR": OUTAGE, "CRITICAL": OUTAGE}


def read(body: bytes) -> Read[Incident]:
    """Read the incidents; a resolved one ended with its last update."""
    answer = load_json(body, "checkly")
    return Read(*each(field(answer, "incidents", list, "checkly"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    end = row.get("updated_at") if row.get("lastUpdateStatus") == "RESOLVED" else None
    kind = KINDS.get(str(row.get("severity")), DEGRADED)
    components = component_names(row.get("services"))
    return Incident.make(row["id"], row["name"], row["created_at"], end, kind, None, components)
