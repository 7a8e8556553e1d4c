"""Google Cloud's incidents of many years, in one list."""

from typing import Any

from crawler.parsing import Read, each, load_list
from crawler.status.incident import DEGRADED, OUTAGE, Incident, component_names

PATHS = ("/incidents.json",)


def read(body: bytes) -> Read[Incident]:
    """Read the incidents of incidents.json."""
    return Read(*each(load_list(body, "gcp"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    kind = OUTAGE if row.get("status_impact") == "SERVICE_OUTAGE" else DEGRADED
    url = f"https://status.cloud.google.com/{row['uri']}" if row.get("uri") else None
    components = component_names(row.get("affected_products"), "id", "title")
    start, end = row["begin"], row.get("end")
    return Incident.make(row["id"], row["external_desc"], start, end, kind, url, components)
