"""Google Cloud's incidents, years of them in one list."""

from typing import Any

from crawler.parsing import Read, each, instant, load_list
from crawler.status.incident import DEGRADED, OUTAGE, Incident, ended, parts

PATHS = ("/incidents.json",)


def read(body: bytes) -> Read[Incident]:
    """Incidents of incidents.json."""
    return Read(*each(load_list(body, "gcp"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    start = instant(row["begin"])
    return Incident(
        id=str(row["id"]),
        title=str(row["external_desc"]),
        start=start,
        end=ended(start, row.get("end")),
        kind=OUTAGE if row.get("status_impact") == "SERVICE_OUTAGE" else DEGRADED,
        url=f"https://status.cloud.google.com/{row['uri']}" if row.get("uri") else None,
        components=parts(row.get("affected_products"), "id", "title"),
    )
