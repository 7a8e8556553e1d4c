"""Datadog's status pages: one static document with the whole page."""

from typing import Any

from crawler.parsing import Read, each, field, load_json, parse_time
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident, component_names

PATHS = ("/config.json",)
DOWN = {"major_outage", "partial_outage"}


def read(body: bytes) -> Read[Incident]:
    """Read the incidents of config.json, whose severity is in their timelines.

    The list of components has only their present state.
    """
    answer = load_json(body, "datadog")
    field(answer, "components", list, "datadog")
    return Read(*each(field(answer, "incidents", list, "datadog"), _incident))


def _incident(row: dict[str, Any]) -> Incident:
    affected = [c for update in row["timeline"] for c in update.get("componentsAffected") or []]
    states = {str(c.get("status")) for c in affected}
    kind = OUTAGE if states & DOWN else MAINTENANCE if "maintenance" in states else DEGRADED
    starts = [update["startedAt"] for update in row["timeline"] if update.get("startedAt")]
    start = min(map(parse_time, [row["publishedDate"], *starts]))
    end = row["resolvedDate"] if row["resolved"] else None
    components = component_names(c for c in affected if c.get("status") != "operational")
    return Incident.make(row["id"], row["title"], start, end, kind, None, components)
