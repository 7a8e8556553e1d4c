"""Counts without text: Wikipedia's page views, and GDELT's number of articles."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery, Trouble, TroubleKind
from crawler.parsing import Read, each, field, load_json, parse_time
from crawler.spiders.base import SourceSpider, SpiderOutput
from db.core.errors import SourceChanged
from db.core.records import NewVolume, VolumePage

DAY = timedelta(days=1)
# Counts of the last days are not final, so they are requested again.
SETTLING_TIME = 2 * DAY
MAX_SPAN = timedelta(days=80)
_MAX_COUNT = 2**53


def read_pageviews(body: bytes) -> Read[NewVolume]:
    """Read the daily views of a response of metrics/pageviews/per-article."""
    return Read(*each(field(load_json(body, "wikipedia"), "items", list, "wikipedia"), _views))


def _views(item: dict[str, Any]) -> NewVolume:
    stamp = str(item["timestamp"])
    if len(stamp) != len("2025081100"):
        raise ValueError(f"a day was due, {stamp[:40]!r} came")
    at = parse_time(f"{stamp[:8]}T{stamp[8:]}", UTC)
    return NewVolume(at, 24 * 60, _number(item["views"]))


def read_timeline(body: bytes) -> Read[NewVolume]:
    """Read the articles that match, and all articles, of a response of mode=timelinevolraw.

    The length of a slot follows from the distance of the slots.
    """
    answer = load_json(body, "gdelt_volume")
    if answer == {}:
        return Read(())
    series = field(answer, "timeline", list, "gdelt_volume")
    if not series:
        return Read(())
    slots, refused = each(field(series[0], "data", list, "gdelt_volume"), _slot)
    distances = {later.start - earlier.start for earlier, later in pairwise(slots)}
    shortest = min(distances, default=DAY)
    minutes = int(shortest / timedelta(minutes=1))
    if minutes <= 0:
        raise SourceChanged("gdelt_volume: a timeline whose slots do not follow each other")
    return Read(tuple(replace(slot, minutes=minutes) for slot in slots), refused)


def _slot(row: dict[str, Any]) -> NewVolume:
    at = parse_time(str(row["date"]))
    return NewVolume(at, 0, _number(row["value"]), _number(row["norm"]))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _MAX_COUNT:
        raise ValueError(f"a count was due, {str(value)[:40]!r} came")
    return float(value)


class VolumeSpider(SourceSpider):
    """Requests counts from where the last crawl stopped, a span at a time."""

    max_span = MAX_SPAN

    @staticmethod
    def read(body: bytes) -> Read[NewVolume]:
        """Read the counts of a response."""
        raise NotImplementedError

    def span(
        self, query: CrawlQuery, since: datetime, until: datetime
    ) -> tuple[str, Mapping[str, Any]]:
        """Return the path and the parameters for the slots of a span."""
        raise NotImplementedError

    def first_request(self, query: CrawlQuery) -> Request:
        return self._span_request(query, query.resume_time(SETTLING_TIME))

    def _span_request(self, query: CrawlQuery, since: datetime) -> Request:
        until = min(query.until, since + self.max_span)
        path, parameters = self.span(query, since, until)
        return self.request(query, path, parameters, self.parse_span, since=since, until=until)

    def parse_span(
        self, response: Response, query: CrawlQuery, since: datetime, until: datetime
    ) -> SpiderOutput:
        answer = self.read(response.body)
        if not answer.entries:
            yield self.trouble(
                query, TroubleKind.EMPTY, response, "an answer without a single count"
            )
            return
        (provider,) = query.providers
        newest = max(slot.start for slot in answer.entries)
        yield VolumePage(
            query.source,
            query.text,
            provider,
            answer.entries,
            max(since, newest).isoformat(),
            answer.refused,
        )
        if until < query.until:
            yield self._span_request(query, until)


class Wikipedia(VolumeSpider):
    """Daily views by people of one article of one edition."""

    name = "wikipedia"
    read = staticmethod(read_pageviews)

    def span(
        self, query: CrawlQuery, since: datetime, until: datetime
    ) -> tuple[str, Mapping[str, Any]]:
        project, _, article = query.text.partition("/")
        days = f"{since:%Y%m%d}00/{until:%Y%m%d}00"
        path = f"{project}/all-access/user/{quote(article, safe='')}/daily/{days}"
        return f"/api/rest_v1/metrics/pageviews/per-article/{path}", {}

    def refusal(self, response: Response, query: CrawlQuery) -> Trouble | None:
        if response.status == 404:
            why = "no data for this span, which is not the same as no views; or no such article"
            return self.trouble(query, TroubleKind.EMPTY, response, why)
        return super().refusal(response, query)


class GdeltVolume(VolumeSpider):
    name = "gdelt_volume"
    # In longer spans slots are days.
    max_span = timedelta(days=6)
    read = staticmethod(read_timeline)

    def span(
        self, query: CrawlQuery, since: datetime, until: datetime
    ) -> tuple[str, Mapping[str, Any]]:
        return "/api/v2/doc/doc", {
            "query": query.text,
            "mode": "timelinevolraw",
            "format": "json",
            "startdatetime": f"{since:%Y%m%d%H%M%S}",
            "enddatetime": f"{until:%Y%m%d%H%M%S}",
        }
