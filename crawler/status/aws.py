"""AWS's current events: UTF-16 with a byte-order mark, and nothing of the past."""

import json
from typing import Any

from crawler.parsing import Read, each, instant
from crawler.status.incident import DEGRADED, OUTAGE, Incident
from db.core.errors import SourceChanged

PATHS = ("/public/currentevents",)
DISRUPTED = "3"


def read(body: bytes) -> Read[Incident]:
    """Events of /public/currentevents."""
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
        # Resolved, without saying when: what was seen before closes with the next look.
        return None
    service, region = str(row["service"]), str(row.get("region_name") or "")
    return Incident(
        id=str(row["arn"]),
        title=f"{row.get('service_name') or service} {region}: {row['summary']}".strip(),
        start=instant(int(row["date"])),
        end=None,
        kind=OUTAGE if str(row.get("status")) == DISRUPTED else DEGRADED,
        components=((service, str(row.get("service_name") or service)),),
    )
