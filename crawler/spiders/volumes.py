"""Attention without text: Wikipedia's page views, and GDELT's count of articles."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind, Trouble
from crawler.parsing import Read, each, field, instant, load_json
from crawler.spiders.base import Answer, SourceSpider
from db.core.errors import SourceChanged
from db.core.records import NewVolume, VolumePage

DAY = timedelta(days=1)
# Numbers of the last days are still being made; they are asked for again.
SETTLING = 2 * DAY
AT_MOST = timedelta(days=80)
_MOST = 2**53


def read_pageviews(body: bytes) -> Read[NewVolume]:
    """Daily views of an answer of metrics/pageviews/per-article."""
    return Read(*each(field(load_json(body, "wikipedia"), "items", list, "wikipedia"), _views))


def _views(item: dict[str, Any]) -> NewVolume:
    stamp = str(item["timestamp"])
    if len(stamp) != len("2025081100"):
        raise ValueError(f"a day was due, {stamp[:40]!r} came")
    at = instant(f"{stamp[:8]}T{stamp[8:]}", UTC)
    return NewVolume(at, 24 * 60, _number(item["views"]))


def read_timeline(body: bytes) -> Read[NewVolume]:
    """Articles that match, and all that were seen, of an answer of mode=timelinevolraw; how long a
    slot is follows from how far apart they are."""
    answer = load_json(body, "gdelt_volume")
    if answer == {}:
        return Read(())
    series = field(answer, "timeline", list, "gdelt_volume")
    if not series:
        return Read(())
    slots, refused = each(field(series[0], "data", list, "gdelt_volume"), _slot)
    apart = {right.start - left.start for left, right in pairwise(slots)}
    shortest = min(apart, default=DAY)
    minutes = int(shortest / timedelta(minutes=1))
    if minutes <= 0:
        raise SourceChanged("gdelt_volume: a timeline whose slots do not follow each other")
    whole = tuple(NewVolume(s.start, minutes, s.value, s.norm) for s in slots)
    return Read(whole, refused)


def _slot(row: dict[str, Any]) -> NewVolume:
    at = instant(str(row["date"]))
    return NewVolume(at, 0, _number(row["value"]), _number(row["norm"]))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _MOST:
        raise ValueError(f"a count was due, {str(value)[:40]!r} came")
    return float(value)


class VolumeSpider(SourceSpider):
    """Asks for counts from where the last visit stopped, a span at a time."""

    longest = AT_MOST

    def read(self, body: bytes) -> Read[NewVolume]:
        raise NotImplementedError

    def look(self, ask: Ask, since: datetime, until: datetime) -> tuple[str, Mapping[str, Any]]:
        """Path and query string for the slots of a span."""
        raise NotImplementedError

    def first(self, ask: Ask) -> Request:
        since = datetime.fromisoformat(ask.cursor) - SETTLING if ask.cursor else ask.since
        return self._span(ask, min(since, ask.until))

    def _span(self, ask: Ask, since: datetime) -> Request:
        until = min(ask.until, since + self.longest)
        path, parameters = self.look(ask, since, until)
        return self.request(ask, path, parameters, self.parse_span, since=since, until=until)

    def parse_span(self, response: Response, ask: Ask, since: datetime, until: datetime) -> Answer:
        answer = self.read(response.body)
        if not answer.entries:
            yield self.trouble(ask, Kind.EMPTY, response, "an answer without a single count")
            return
        (provider,) = ask.providers
        newest = max(slot.start for slot in answer.entries)
        yield VolumePage(
            ask.source,
            ask.query,
            provider,
            answer.entries,
            max(since, newest).isoformat(),
            answer.refused,
        )
        if until < ask.until:
            yield self._span(ask, until)


class Wikipedia(VolumeSpider):
    """Views by people, a day each, of one article of one edition."""

    name = "wikipedia"

    def read(self, body: bytes) -> Read[NewVolume]:
        return read_pageviews(body)

    def look(self, ask: Ask, since: datetime, until: datetime) -> tuple[str, Mapping[str, Any]]:
        project, _, article = ask.query.partition("/")
        days = f"{since:%Y%m%d}00/{until:%Y%m%d}00"
        path = f"{project}/all-access/user/{quote(article, safe='')}/daily/{days}"
        return f"/api/rest_v1/metrics/pageviews/per-article/{path}", {}

    def refusal(self, response: Response, ask: Ask) -> Trouble | None:
        if response.status == 404:
            why = "no data for this span, which is not the same as no views; or no such article"
            return self.trouble(ask, Kind.EMPTY, response, why)
        return super().refusal(response, ask)


class GdeltVolume(VolumeSpider):
    name = "gdelt_volume"
    # Beyond a week slots are days.
    longest = timedelta(days=6)

    def read(self, body: bytes) -> Read[NewVolume]:
        return read_timeline(body)

    def look(self, ask: Ask, since: datetime, until: datetime) -> tuple[str, Mapping[str, Any]]:
        return "/api/v2/doc/doc", {
            "query": ask.query,
            "mode": "timelinevolraw",
            "format": "json",
            "startdatetime": f"{since:%Y%m%d%H%M%S}",
            "enddatetime": f"{until:%Y%m%d%H%M%S}",
        }
