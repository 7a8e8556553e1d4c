"""Better Stack's status pages, in the form of JSON:API."""

from typing import Any

from crawler.parsing import Read, each, field, load_json
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, component_names

PATHS = ("/index.json",)


def read(body: bytes) -> Read[Incident]:
    """Read the status reports that a page includes."""
    answer = load_json(body, "betterstack")
    data = field(answer, "data", dict, "betterstack")
    field(field(data, "attributes", dict, "betterstack"), "aggregate_state", str, "betterstack")
    included = field(answer, "included", list, "betterstack")
    return Read(*each(included, lambda row: _incident(row) if _is_report(row) else None))


def _is_report(row: Any) -> bool:
    return isinstance(row, dict) and row.get("type") == "status_report"


def _incident(row: dict[str, Any]) -> Incident:
    report = row["attributes"]
    resources = report.get("affected_resources") or []
    states = {str(r.get("status")) for r in resources if isinstance(r, dict)}
    states.add(str(report.get("aggregate_state", "")).lower())
    is_planned = report.get("report_type") == "maintenance"
    kind = MAINTENANCE if is_planned else OUTAGE if "downtime" in states else DEGRADED
    components = component_names(resources, "status_page_resource_id")
    start, end = report["starts_at"], report.get("ends_at")
    return Incident.make(row["id"], report["title"], start, end, kind, None, components)
