"""Outages from the status pages of providers, on whichever platform a page runs today."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery, Outages, Trouble, TroubleKind
from crawler.parsing import field, load_json
from crawler.spiders.base import SourceSpider, SpiderOutput
from crawler.status.incident import Incident
from crawler.status.platforms import GUESSED, PLATFORMS, Platform
from db import catalog
from db.catalog import StatusEntry
from db.core.errors import SourceChanged
from db.core.records import NewOutage

COMPONENTS = "/api/v2/components.json"


def candidates(status: StatusEntry) -> list[Platform]:
    """Return the catalogue's platform of a page, and then those that it may have moved to."""
    known = PLATFORMS[status.platform]
    if status.path:
        known = replace(known, paths=(status.path,))
    return [known, *(PLATFORMS[name] for name in GUESSED if name != known.name)]


def outage(incident: Incident, provider: str, page: str) -> NewOutage:
    """Convert an incident to an outage of the ledger."""
    url = incident.url
    return NewOutage(
        provider=provider,
        start=incident.start,
        end=incident.end,
        kind=incident.kind,
        title=incident.title[:300],
        origin="statuspage",
        external_id=f"{provider}/{incident.id}"[:500],
        url=url if url and urlsplit(url).scheme in {"http", "https"} else None,
        read_at=page,
        components=tuple(name or id_ for id_, name in incident.components),
    )


class StatusPage(SourceSpider):
    """Tries the catalogue's platform, and then those that pages move to.

    A page that none can read is unreadable, neither up nor down.
    """

    name = "statuspage"
    conditional = True
    # Each page is on a host of its own.
    custom_settings = {"CONCURRENT_REQUESTS": 16}  # noqa: RUF012 - as Scrapy declares it

    def first_request(self, query: CrawlQuery) -> Request:
        return self._page_request(query, 0, 0)

    def _page_request(self, query: CrawlQuery, tried: int, step: int) -> Request:
        status = self._status(query)
        path = candidates(status)[tried].paths[step]
        since, until = int(query.since.timestamp()), int(query.until.timestamp())
        place = path.format(page=status.page, since=since, until=until)
        return self.request(query, place, {}, self.parse_page, tried=tried, step=step)

    def parse_page(
        self, response: Response, query: CrawlQuery, tried: int, step: int
    ) -> SpiderOutput:
        platforms = candidates(self._status(query))
        platform = platforms[tried]
        try:
            answer = platform.read(response.body)
        except SourceChanged:
            if step or tried + 1 == len(platforms):
                raise
            yield self._page_request(query, tried + 1, 0)
            return
        page = query.url or self.url
        relevant = [i for i in answer.entries if self._is_relevant(i, query)]
        outages = tuple(outage(incident, query.text, page) for incident in relevant)
        all_open_of = query.text if not platform.includes_past and not answer.refused else None
        yield Outages(query.source, outages, answer.refused, all_open_of)
        # A simulation has one platform for all pages.
        if tried and not step and not self.job.server_clock:
            why = f"it runs on {platform.name} now, not on {platforms[0].name}; it was read"
            yield self.trouble(query, TroubleKind.MOVED, response, why)
        if step + 1 < len(platform.paths):
            yield self._page_request(query, tried, step + 1)
        elif not tried and platform.name == "statuspage" and self._status(query).components:
            yield self.request(query, COMPONENTS, {}, self.parse_components)

    def parse_components(self, response: Response, query: CrawlQuery) -> SpiderOutput:
        """Report components of the catalogue that are gone from the page."""
        rows = field(load_json(response.body, "statuspage"), "components", list, "statuspage")
        there = {str(row.get("id")) for row in rows if isinstance(row, dict)}
        for gone in sorted(set(self._status(query).components) - there):
            why = f"the component {gone} is no longer on the page"
            yield self.trouble(query, TroubleKind.MOVED, response, why)

    def handle_refusal(
        self, refusal: Trouble, response: Response, query: CrawlQuery, **arguments: Any
    ) -> SpiderOutput:
        # A page that is blocked is not requested elsewhere; only one that is gone.
        if response.status in {404, 410} and arguments.get("step") == 0:
            tried = int(arguments["tried"]) + 1
            if tried < len(candidates(self._status(query))):
                yield self._page_request(query, tried, 0)
                return
        yield refusal

    def refusal(self, response: Response, query: CrawlQuery) -> Trouble | None:
        refusal = super().refusal(response, query)
        has_moved = (
            refusal is not None and refusal.kind is TroubleKind.MOVED and response.status == 200
        )
        known = {urlsplit(url).hostname for url in self._status(query).former}
        if has_moved and urlsplit(response.url).hostname in known:
            return None
        return refusal

    def _is_relevant(self, incident: Incident, query: CrawlQuery) -> bool:
        """Whether an incident touches the provider's product, not another on the same page."""
        wanted = set(self._status(query).components)
        touched = {id_ for id_, _ in incident.components}
        return not wanted or not touched or bool(wanted & touched)

    def _status(self, query: CrawlQuery) -> StatusEntry:
        return catalog.providers()[query.text].status or StatusEntry("")
