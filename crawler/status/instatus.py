"""Instatus pages: what is going on now. They answer 200 on any path, so the form decides."""

from typing import Any

from crawler.parsing import Read, each, field, instant, load_json, text_or_none
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident

PATHS = ("/summary.json",)
KINDS = {"MAJOROUTAGE": OUTAGE, "PARTIALOUTAGE": OUTAGE, "UNDERMAINTENANCE": MAINTENANCE}


def read(body: bytes) -> Read[Incident]:
    """Active incidents and maintenances of /summary.json, which leaves out empty lists."""
    answer = load_json(body, "instatus")
    field(field(answer, "page", dict, "instatus"), "status", str, "instatus")
    names = ("activeIncidents", "activeMaintenances")
    rows = [
        row for name in names if name in answer for row in field(answer, name, list, "instatus")
    ]
    return Read(*each(rows, _incident))


def _incident(row: dict[str, Any]) -> Incident:
    start = instant(row.get("started") or row["start"])
    url = text_or_none(row.get("url"))
    return Incident(
        id=str(row.get("id") or url or f"{row['name']} {start.isoformat()}"),
        title=str(row["name"]),
        start=start,
        end=None,
        kind=KINDS.get(str(row.get("impact")), MAINTENANCE if "start" in row else DEGRADED),
        url=url,
    )
