"""Waiting when a server says so, asking no private address that nobody named, and believing
nothing that comes by a clock that is wrong."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Response

from crawler.items import SharedFrontier
from crawler.parsing import http_date
from crawler.private_addresses import WHY, private
from crawler.spiders.base import SourceSpider

ASKED_TO_WAIT = {429, 503}
LONGEST_WAIT = 300.0
DEFAULT_WAIT = 30.0
MOST_WAITS = 3
NOT_MODIFIED = 304
# Counts are by the hour: a clock that is further off puts what is read into another one.
CLOCK_SLACK = timedelta(hours=1)


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (seconds or an HTTP date); None if it has none."""
    if not value:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return float(text)
    try:
        at = http_date(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at - now).total_seconds())


class Revalidated(RFC2616Policy):
    """What is kept of an answer saves sending it again, never asking: it is used where the server
    says that it has not changed, and nowhere else. (Scrapy's own would also show it for an error.)
    """

    def is_cached_response_valid(
        self,
        cachedresponse: Response,  # noqa: ARG002 - Scrapy's hook
        response: Response,
        request: Request,  # noqa: ARG002
    ) -> bool:
        return int(response.status) == NOT_MODIFIED


class RetryAfter:
    """On 429 and 503, or where its answer says so, a host is left alone until the time it names.

    A wait beyond LONGEST_WAIT is not sat out: the answer goes on to the spider, which notes
    that the source is blocked.
    """

    # One for all spiders of a process: several sources can live on one host.
    _not_before: ClassVar[dict[str, float]] = {}

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        wait = self._not_before.get(host, 0.0) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        if frontier := self._frontier():
            await frontier.turn(host, self._pause(urlsplit(request.url).hostname))

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        host = urlsplit(request.url).netloc
        if response.status not in ASKED_TO_WAIT:
            spider = self._crawler.spider
            pause = spider.pause(response) if isinstance(spider, SourceSpider) else 0.0
            self._hold(host, min(pause, LONGEST_WAIT))
            return response
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        wait = DEFAULT_WAIT if wait is None else wait
        waits = request.meta.get("waits", 0)
        if wait > LONGEST_WAIT or waits >= MOST_WAITS:
            return response
        self._hold(host, wait)
        again = request.replace(dont_filter=True)
        again.meta["waits"] = waits + 1
        return again

    def _hold(self, host: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._not_before[host] = max(self._not_before.get(host, 0.0), until)
        if frontier := self._frontier():
            frontier.hold(host, seconds)

    def _frontier(self) -> SharedFrontier | None:
        """Where all crawlers of a host take turns; none where this one crawls alone."""
        spider = self._crawler.spider
        return spider.job.frontier if isinstance(spider, SourceSpider) else None

    def _pause(self, host: str | None) -> float:
        """Seconds between two requests to a host."""
        settings = self._crawler.settings
        slot = settings.getdict("DOWNLOAD_SLOTS").get(host, {})
        return float(slot.get("delay", settings.getfloat("DOWNLOAD_DELAY")))


class PublicOnly:
    """Refuses addresses inside the reader's own network, where a redirect or a page could send a
    crawl: loopback, private, link-local and cloud metadata ones. Those that the user named
    (PRIVATE_HOSTS, host and port) are asked."""

    def __init__(self, named: frozenset[str]) -> None:
        self._named = named

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(frozenset(crawler.settings.getlist("PRIVATE_HOSTS")))

    async def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.netloc.rpartition("@")[2] in self._named:
            return
        host = parts.hostname or ""
        inside = await private(host)
        if inside:
            raise IgnoreRequest(WHY.format(host=host, address=inside))


class RightClock:
    """Refuses an answer where this machine's clock and the server's differ too much: a crawl by a
    clock that is ahead would cover a time that has not come, which later crawls would then pass
    over; a board would be kept for the wrong hour. (Date and Age: RFC 9110 and 9111.)"""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        spider = self._crawler.spider
        if isinstance(spider, SourceSpider) and spider.job.server_clock:
            return response
        off = ahead(response.headers.get("Date"), response.headers.get("Age"), datetime.now(UTC))
        if abs(off) > CLOCK_SLACK:
            hours = off / timedelta(hours=1)
            word = "ahead of" if hours > 0 else "behind"
            raise IgnoreRequest(
                f"this machine's clock is {abs(hours):.1f} hours {word} {request.url}'s: set it; "
                "nothing of the answer was kept"
            )
        return response


def ahead(date: bytes | None, age: bytes | None, now: datetime) -> timedelta:
    """How far a clock that says `now` is ahead of the one behind a Date header, which a cache may
    have kept for Age seconds; nothing where the header says no time."""
    try:
        return now - http_date(date or b"") - timedelta(seconds=int(age or 0))
    except (ValueError, OverflowError):
        return timedelta(0)
