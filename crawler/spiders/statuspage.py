"""Outages as providers tell them: Atlassian Statuspage, and incident.io in the same form."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Outages
from crawler.reading import Read, each, field, instant, load_json, text_or_none
from crawler.spiders.base import Answer, SourceSpider
from db.records import NewOutage

KINDS = {"critical": "outage", "major": "outage", "maintenance": "maintenance"}
OVER = {"resolved", "postmortem", "completed"}


def read(body: bytes, provider: str, page: str) -> Read[NewOutage]:
    """Outages of an answer of incidents.json or scheduled-maintenances.json of `page`."""
    answer = load_json(body, "statuspage")
    planned = isinstance(answer, dict) and "scheduled_maintenances" in answer
    name = "scheduled_maintenances" if planned else "incidents"
    rows = field(answer, name, list, "statuspage")
    return Read(*each(rows, partial(_outage, provider=provider, page=page)))


def _outage(row: dict[str, Any], provider: str, page: str) -> NewOutage:
    planned = row.get("scheduled_for")
    # What began before it was published counts from when it began.
    starts = [instant(row[key]) for key in ("started_at", "created_at") if row.get(key)]
    start = instant(planned) if planned else min(starts)
    end = row.get("resolved_at") or (row.get("updated_at") if row.get("status") in OVER else None)
    if planned and not end:
        end = row.get("scheduled_until")
    url = text_or_none(row.get("shortlink"))
    return NewOutage(
        provider=provider,
        start=start,
        end=max(start, instant(end)) if end else None,
        kind="maintenance" if planned else KINDS.get(str(row.get("impact")), "degraded"),
        title=str(row["name"])[:300],
        origin="statuspage",
        external_id=f"{provider}/{row['id']}",
        url=url if url and urlsplit(url).scheme in {"http", "https"} else None,
        read_at=page,
    )


class StatusPage(SourceSpider):
    name = "statuspage"

    def first(self, ask: Ask) -> Request:
        return self.request(ask, "/api/v2/incidents.json", {}, self.parse_incidents)

    def parse_incidents(self, response: Response, ask: Ask) -> Answer:
        yield self._outages(response, ask)
        yield self.request(ask, "/api/v2/scheduled-maintenances.json", {}, self.parse_maintenances)

    def parse_maintenances(self, response: Response, ask: Ask) -> Answer:
        yield self._outages(response, ask)

    def _outages(self, response: Response, ask: Ask) -> Outages:
        answer = read(response.body, ask.query, ask.url or self.url)
        return Outages(ask.source, answer.entries, answer.refused)
