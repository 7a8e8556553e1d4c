"""Instatus pages: present incidents. Any path has status 200, so the form decides."""

from typing import Any

from crawler.parsing import Read, as_text, each, field, load_json, parse_time
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident

PATHS = ("/summary.json",)
KINDS = {"MAJOROUTAGE": OUTAGE, "PARTIALOUTAGE": OUTAGE, "UNDERMAINTENANCE": MAINTENANCE}


def read(body: bytes) -> Read[Incident]:
    """Read the active incidents and maintenances of /summary.json, which omits empty lists."""
    answer = load_json(body, "instatus")
    field(field(answer, "page", dict, "instatus"), "status", str, "instatus")
    names = ("activeIncidents", "activeMaintenances")
    rows = [
        row for name in names if name in answer for row in field(answer, name, list, "instatus")
    ]
    return Read(*each(rows, _incident))


def _incident(row: dict[str, Any]) -> Incident:
    start, url = parse_time(row.get("started") or row["start"]), as_text(row.get("url"))
    id_ = row.get("id") or url or f"{row['name']} {start.isoformat()}"
    kind = KINDS.get(str(row.get("impact")), MAINTENANCE if "start" in row else DEGRADED)
    return Incident.make(id_, row["name"], start, None, kind, url)
