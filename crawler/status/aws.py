"""AWS's current events, in UTF-16 with a byte-order mark."""

import json
from typing import Any

from crawler.parsing import Read, each
from crawler.status.incident import DEGRADED, OUTAGE, Incident
from db.core.errors import SourceChanged

PATHS = ("/public/currentevents",)
DISRUPTED = "3"


def read(body: bytes) -> Read[Incident]:
    """Read the events of /public/currentevents."""
    try:
        answer = json.loads(body.decode("utf-16") if body[:2] in _MARKS else body)
    except (ValueError, RecursionError):
        raise SourceChanged("aws: JSON in UTF-16 was due") from None
    if not isinstance(answer, list):
        raise SourceChanged(f"aws: a list was due, {type(answer).__name__} came")
    return Read(*each(answer, _incident))


_MARKS = {b"\xfe\xff", b"\xff\xfe"}


def _incident(row: dict[str, Any]) -> Incident | None:
    if str(row.get("status")) == "0":
        # Resolved, without a time: an open incident closes at the next crawl without it.
        return None
    service, region = str(row["service"]), str(row.get("region_name") or "")
    name = str(row.get("service_name") or service)
    title = f"{name} {region}: {row['summary']}".strip()
    kind = OUTAGE if str(row.get("status")) == DISRUPTED else DEGRADED
    return Incident.make(row["arn"], title, int(row["date"]), None, kind, None, [(service, name)])
