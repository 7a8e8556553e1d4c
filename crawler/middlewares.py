"""Waiting when a server says so."""

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

ASKED_TO_WAIT = {429, 503}
LONGEST_WAIT = 300.0
DEFAULT_WAIT = 30.0
MOST_WAITS = 3


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (seconds or an HTTP date); None if it has none."""
    if not value:
        return None
    text = value.decode("latin-1").strip()
    if text.isdigit() and len(text) < 12:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())


class RetryAfter:
    """On 429 and 503, or where its answer says so, a host is left alone until the time it names.

    A wait beyond LONGEST_WAIT is not sat out: the answer goes on to the spider, which notes
    that the source is blocked.
    """

    def __init__(self) -> None:
        self._not_before: dict[str, float] = {}

    async def process_request(self, request: Request) -> None:
        host, now = urlsplit(request.url).netloc, time.monotonic()
        asked = min(float(request.meta.pop("wait", 0.0)), LONGEST_WAIT)
        self._not_before[host] = max(self._not_before.get(host, 0.0), now + asked)
        wait = self._not_before[host] - now
        if wait > 0:
            await asyncio.sleep(wait)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if response.status not in ASKED_TO_WAIT:
            return response
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        wait = DEFAULT_WAIT if wait is None else wait
        waits = request.meta.get("waits", 0)
        if wait > LONGEST_WAIT or waits >= MOST_WAITS:
            return response
        host = urlsplit(request.url).netloc
        self._not_before[host] = max(self._not_before.get(host, 0.0), time.monotonic() + wait)
        again = request.replace(dont_filter=True)
        again.meta["waits"] = waits + 1
        return again
