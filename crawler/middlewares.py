"""Downloader middlewares: pauses that servers ask for, private addresses, and wrong clocks."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Response

from crawler.items import SharedFrontier
from crawler.parsing import parse_http_date
from crawler.private_addresses import REFUSAL, private_address
from crawler.spiders.base import SpiderComponent

WAIT_STATUSES = {429, 503}
MAX_WAIT_SECONDS = 300.0
DEFAULT_WAIT_SECONDS = 30.0
MAX_WAITS = 3
NOT_MODIFIED = 304
# Counts are hourly: a larger skew puts posts into another hour.
MAX_CLOCK_SKEW = timedelta(hours=1)


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for; None if it is missing or invalid."""
    if not value:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return float(text)
    try:
        at = parse_http_date(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at - now).total_seconds())


class RevalidationPolicy(RFC2616Policy):
    """Uses a cached response only if the server says that it is unchanged.

    Scrapy's own policy would also use it instead of an error.
    """

    def is_cached_response_valid(
        self,
        cachedresponse: Response,  # noqa: ARG002 - Scrapy's hook
        response: Response,
        request: Request,  # noqa: ARG002
    ) -> bool:
        return int(response.status) == NOT_MODIFIED


class RetryAfterMiddleware(SpiderComponent):
    """Sends a host no requests until the time that it names with 429, 503, or in its body.

    A wait longer than MAX_WAIT_SECONDS is not waited for: the spider gets the response, and
    reports that the source is blocked.
    """

    # Shared by all spiders of a process: several sources can have one host.
    _not_before: ClassVar[dict[str, float]] = {}

    async def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        wait = self._not_before.get(host, 0.0) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        if frontier := self._frontier:
            await frontier.wait_for_turn(host, self._pause(urlsplit(request.url).hostname))

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        host = urlsplit(request.url).netloc
        if response.status not in WAIT_STATUSES:
            pause = self._spider.pause(response) if self._spider else 0.0
            self._delay_host(host, min(pause, MAX_WAIT_SECONDS))
            return response
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        wait = DEFAULT_WAIT_SECONDS if wait is None else wait
        waits = request.meta.get("waits", 0)
        if wait > MAX_WAIT_SECONDS or waits >= MAX_WAITS:
            return response
        self._delay_host(host, wait)
        retry = request.replace(dont_filter=True)
        retry.meta["waits"] = waits + 1
        return retry

    def _delay_host(self, host: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._not_before[host] = max(self._not_before.get(host, 0.0), until)
        if frontier := self._frontier:
            frontier.delay_host(host, seconds)

    @property
    def _frontier(self) -> SharedFrontier | None:
        return self._spider.job.frontier if self._spider else None

    def _pause(self, host: str | None) -> float:
        """Return the seconds between two requests to a host."""
        settings = self._crawler.settings
        slot = settings.getdict("DOWNLOAD_SLOTS").get(host, {})
        return float(slot.get("delay", settings.getfloat("DOWNLOAD_DELAY")))


class PrivateAddressMiddleware(SpiderComponent):
    """Refuses private addresses, to which a redirect or a page could lead a crawl.

    PRIVATE_HOSTS (host and port), which the user named, are allowed.
    """

    async def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        named = self._crawler.settings.getlist("PRIVATE_HOSTS")
        if parts.netloc.rpartition("@")[2] in named:
            return
        host = parts.hostname or ""
        private = await private_address(host)
        if private:
            raise IgnoreRequest(REFUSAL.format(host=host, address=private))


class ClockSkewMiddleware(SpiderComponent):
    """Refuses a response if this machine's clock and the server's differ too much.

    With a clock that is ahead, a crawl would cover a time that has not come, which later crawls
    would skip; a board would be stored for the wrong hour. (Date and Age: RFC 9110 and 9111.)
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if self._spider and self._spider.job.server_clock:
            return response
        skew = clock_skew(
            response.headers.get("Date"), response.headers.get("Age"), datetime.now(UTC)
        )
        if abs(skew) > MAX_CLOCK_SKEW:
            hours = skew / timedelta(hours=1)
            word = "ahead of" if hours > 0 else "behind"
            raise IgnoreRequest(
                f"this machine's clock is {abs(hours):.1f} hours {word} {request.url}'s: set it; "
                "nothing of the answer was kept"
            )
        return response


def clock_skew(date: bytes | None, age: bytes | None, now: datetime) -> timedelta:
    """Return how far `now` is ahead of a server's clock: its Date header, plus Age in a cache.

    Zero if the headers name no time.
    """
    try:
        return now - parse_http_date(date or b"") - timedelta(seconds=int(age or 0))
    except (ValueError, OverflowError):
        return timedelta(0)
