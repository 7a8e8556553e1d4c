"""Datadog's status pages: one static document that holds the whole page."""

from typing import Any

from crawler.parsing import Read, each, field, instant, load_json
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, ended, parts

PATHS = ("/config.json",)
DOWN = {"major_outage", "partial_outage"}


def read(body: bytes) -> Read[Incident]:
    """Incidents of config.json. How bad one was stands in its timeline: the list of components
    beside it holds their present state."""
    answer = load_json(body, "datadog")
    field(answer, "components", list, "datadog")
    return Read(*each(field(answer, "incidents", list, "datadog"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    touched = [c for update in row["timeline"] for c in update.get("componentsAffected") or []]
    states = {str(c.get("status")) for c in touched}
    starts = [update["startedAt"] for update in row["timeline"] if update.get("startedAt")]
    start = min(map(instant, [row["publishedDate"], *starts]))
    hurt = [c for c in touched if c.get("status") != "operational"]
    return Incident(
        id=str(row["id"]),
        title=str(row["title"]),
        start=start,
        end=ended(start, row["resolvedDate"]) if row["resolved"] else None,
        kind=OUTAGE if states & DOWN else MAINTENANCE if "maintenance" in states else DEGRADED,
        components=tuple(dict(parts(hurt)).items()),
    )
