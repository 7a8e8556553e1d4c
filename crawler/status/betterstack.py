"""Better Stack's status pages, in the form of JSON:API."""

from typing import Any

from crawler.parsing import Read, each, field, instant, load_json
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, ended, parts

PATHS = ("/index.json",)


def read(body: bytes) -> Read[Incident]:
    """The status reports that a page includes."""
    answer = load_json(body, "betterstack")
    data = field(answer, "data", dict, "betterstack")
    field(field(data, "attributes", dict, "betterstack"), "aggregate_state", str, "betterstack")
    included = field(answer, "included", list, "betterstack")
    return Read(*each(included, lambda row: _incident(row) if _report(row) else None))


def _report(row: Any) -> bool:
    return isinstance(row, dict) and row.get("type") == "status_report"


def _incident(row: dict[str, Any]) -> Incident:
    told = row["attributes"]
    touched = told.get("affected_resources") or []
    start = instant(told["starts_at"])
    planned = told.get("report_type") == "maintenance"
    states = {str(r.get("status")) for r in touched if isinstance(r, dict)}
    states.add(str(told.get("aggregate_state", "")).lower())
    kind = MAINTENANCE if planned else OUTAGE if "downtime" in states else DEGRADED
    return Incident(
        id=str(row["id"]),
        title=str(told["title"]),
        start=start,
        end=ended(start, told.get("ends_at")),
        kind=kind,
        components=parts(touched, "status_page_resource_id"),
    )
