"""Outages as providers tell them on their status pages, whatever platform these run on today."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Item, Kind, Outages, Trouble
from crawler.parsing import field, load_json
from crawler.spiders.base import Answer, SourceSpider
from crawler.status.incident import Incident
from crawler.status.platforms import GUESSED, PLATFORMS, Platform
from db import catalog
from db.catalog import StatusEntry
from db.core.errors import SourceChanged
from db.core.records import NewOutage

COMPONENTS = "/api/v2/components.json"


def candidates(status: StatusEntry) -> list[Platform]:
    """The platform that a page is known to run on, and then those that it may have moved to."""
    known = PLATFORMS[status.platform]
    if status.path:
        known = replace(known, paths=(status.path,))
    return [known, *(PLATFORMS[name] for name in GUESSED if name != known.name)]


def outage(incident: Incident, provider: str, page: str) -> NewOutage:
    """An incident as the ledger holds it."""
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
    """Tries the platform that the catalogue names, and where its form is another, those that pages
    move to. What none can read is neither up nor down."""

    name = "statuspage"
    conditional = True
    # Each page is on a host of its own.
    custom_settings = {"CONCURRENT_REQUESTS": 16}  # noqa: RUF012 - as Scrapy declares it

    def first(self, ask: Ask) -> Request:
        return self._look(ask, 0, 0)

    def _look(self, ask: Ask, tried: int, step: int) -> Request:
        status = self._status(ask)
        path = candidates(status)[tried].paths[step]
        since, until = int(ask.since.timestamp()), int(ask.until.timestamp())
        place = path.format(page=status.page, since=since, until=until)
        return self.request(ask, place, {}, self.parse_page, tried=tried, step=step)

    def parse_page(self, response: Response, ask: Ask, tried: int, step: int) -> Answer:
        platforms = candidates(self._status(ask))
        platform = platforms[tried]
        try:
            answer = platform.read(response.body)
        except SourceChanged:
            if step or tried + 1 == len(platforms):
                raise
            yield self._look(ask, tried + 1, 0)
            return
        page = ask.url or self.url
        own = [i for i in answer.entries if self._own(i, ask)]
        told = tuple(outage(i, ask.query, page) for i in own)
        now = ask.query if not platform.whole and not answer.refused else None
        yield Outages(ask.source, told, answer.refused, now)
        # A simulation answers in one form, whatever the real pages run on.
        if tried and not step and not self.job.server_clock:
            why = f"it runs on {platform.name} now, not on {platforms[0].name}; it was read"
            yield self.trouble(ask, Kind.MOVED, response, why)
        if step + 1 < len(platform.paths):
            yield self._look(ask, tried, step + 1)
        elif not tried and platform.name == "statuspage" and self._status(ask).components:
            yield self.request(ask, COMPONENTS, {}, self.parse_components)

    def parse_components(self, response: Response, ask: Ask) -> Answer:
        """Says so where a component that the catalogue goes by is gone."""
        rows = field(load_json(response.body, "statuspage"), "components", list, "statuspage")
        there = {str(row.get("id")) for row in rows if isinstance(row, dict)}
        for gone in sorted(set(self._status(ask).components) - there):
            why = f"the component {gone} is no longer on the page"
            yield self.trouble(ask, Kind.MOVED, response, why)

    def refused(
        self, refusal: Trouble, response: Response, ask: Ask, **kept: Any
    ) -> Iterator[Item | Request]:
        # A wall is respected: only a page that is not there is looked for elsewhere.
        if response.status in {404, 410} and kept.get("step") == 0:
            tried = int(kept["tried"]) + 1
            if tried < len(candidates(self._status(ask))):
                yield self._look(ask, tried, 0)
                return
        yield refusal

    def refusal(self, response: Response, ask: Ask) -> Trouble | None:
        found = super().refusal(response, ask)
        moved = found is not None and found.kind is Kind.MOVED and response.status == 200
        known = {urlsplit(url).hostname for url in self._status(ask).former}
        if moved and urlsplit(response.url).hostname in known:
            return None
        return found

    def _own(self, incident: Incident, ask: Ask) -> bool:
        """Whether it touches the product: an incident of another one on the same page does not."""
        wanted = set(self._status(ask).components)
        touched = {id_ for id_, _ in incident.components}
        return not wanted or not touched or bool(wanted & touched)

    def _status(self, ask: Ask) -> StatusEntry:
        return catalog.providers()[ask.query].status or StatusEntry("")
