"""What every spider does: ask, tell the ways to fail apart, hand the answer to its reader."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.items import Ask, Item, Job, Kind, Trouble
from db.errors import SourceChanged

Answer = Iterator[Item | Request]
BLOCKED = {401, 403, 407, 418, 429, 432, 451, 503}
GONE = {404, 410}
LONGEST = 300


class SourceSpider(Spider):
    """Base of all spiders. `name` is the source's key; a subclass says how to ask and to read."""

    def __init__(self, job: Job, url: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.url = url.rstrip("/")

    async def start(self) -> AsyncIterator[Request]:
        for ask in self.job.asks:
            yield self.first(ask)

    def first(self, ask: Ask) -> Request:
        """The first request for `ask`."""
        raise NotImplementedError

    def request(
        self,
        ask: Ask,
        path: str,
        parameters: dict[str, Any],
        callback: Callable[..., Answer],
        **kept: Any,
    ) -> Request:
        """A request for `ask`; `kept` reaches the callback beside it."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return Request(
            f"{ask.url or self.url}{path}{query}",
            callback=self._checked(callback),
            errback=self._failed,
            cb_kwargs={"ask": ask, **kept},
            dont_filter=True,
        )

    def trouble(self, ask: Ask, kind: Kind, response: Response, why: str) -> Trouble:
        return Trouble(self.name, ask.query, kind, response.url, why)

    def _checked(self, callback: Callable[..., Answer]) -> Callable[..., Answer]:
        def checked(response: Response, ask: Ask, **kept: Any) -> Answer:
            refusal = self._refusal(response, ask)
            if refusal:
                yield refusal
                return
            try:
                yield from callback(response, ask, **kept)
            except SourceChanged as error:
                yield self.trouble(ask, Kind.UNREADABLE, response, str(error))
            except Exception as error:
                why = f"{type(error).__name__}: {error}"[:LONGEST]
                yield self.trouble(ask, Kind.UNREADABLE, response, why)

        return checked

    def _refusal(self, response: Response, ask: Ask) -> Trouble | None:
        if response.status in BLOCKED:
            return self.trouble(ask, Kind.BLOCKED, response, f"HTTP {response.status}")
        if response.status in GONE:
            return self.trouble(ask, Kind.MOVED, response, f"HTTP {response.status}")
        if response.status != 200:
            return self.trouble(ask, Kind.UNREACHABLE, response, f"HTTP {response.status}")
        asked = urlsplit(ask.url or self.url).hostname
        if urlsplit(response.url).hostname != asked:
            return self.trouble(ask, Kind.MOVED, response, f"redirected away from {asked}")
        return None

    def _failed(self, failure: Any) -> Iterator[Item]:
        request = failure.request
        ask = request.cb_kwargs["ask"]
        why = f"{failure.type.__name__}: {failure.getErrorMessage()}"[:LONGEST]
        kind = Kind.UNREACHABLE
        if failure.check(IgnoreRequest):
            # Scrapy turns down both what robots.txt forbids and what is too large to unpack.
            kind = Kind.BLOCKED if "robots.txt" in why else Kind.UNREADABLE
        yield Trouble(self.name, ask.query, kind, request.url, why)
