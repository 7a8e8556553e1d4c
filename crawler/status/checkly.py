"""Checkly's status pages: the incidents that are not resolved."""

from typing import Any

from crawler.parsing import Read, each, field, instant, load_json
from crawler.status.incident import DEGRADED, OUTAGE, Incident, ended, parts

PATHS = ("/api/status-page/{page}/unresolved-incidents",)
KINDS = {"MAJOR": OUTAGE, "CRITICAL": OUTAGE}


def read(body: bytes) -> Read[Incident]:
    """Incidents; a resolved one among them ended with its last update."""
    answer = load_json(body, "checkly")
    return Read(*each(field(answer, "incidents", list, "checkly"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    start = instant(row["created_at"])
    over = row.get("lastUpdateStatus") == "RESOLVED"
    return Incident(
        id=str(row["id"]),
        title=str(row["name"]),
        start=start,
        end=ended(start, row.get("updated_at")) if over else None,
        kind=KINDS.get(str(row.get("severity")), DEGRADED),
        components=parts(row.get("services")),
    )
