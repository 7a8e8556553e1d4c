"""The base of all spiders: requests, kinds of failure, and responses passed to their reader."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Self
from urllib.parse import urlencode, urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.items import (
    CrawlQuery,
    RecordedResponse,
    RequestFinished,
    SpiderItem,
    SpiderJob,
    Trouble,
    TroubleKind,
)
from crawler.parsing import Read, check_size
from db.core.errors import SourceChanged
from db.core.records import Page, RawPost

SpiderOutput = Iterator[SpiderItem | Request]
BLOCKED_STATUSES = {401, 403, 407, 418, 429, 432, 451, 503}
GONE_STATUSES = {404, 410}
MAX_ERROR_LENGTH = 300
# Methods that read responses have this prefix: a request in a frontier can call no other.
CALLBACK_PREFIX = "parse_"
# Requests for one query in one crawl; the next crawl continues from there.
MAX_REQUESTS = 2000
# A page of fewer posts is not checked for missing fields.
MIN_POSTS_TO_CHECK = 10


class SourceSpider(Spider):
    """Base of all spiders. `name` is the source's key; a subclass builds requests and reads."""

    # Whether the same document is requested again and again, so that a copy of it may be cached;
    # never if a request carries the user's own key.
    conditional: ClassVar[bool] = False

    def __init__(self, job: SpiderJob, url: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.url = url.rstrip("/")
        self._requests: Counter[tuple[str, str]] = Counter()

    async def start(self) -> AsyncIterator[Request]:
        for request in self.first_requests():
            yield request

    def first_requests(self) -> Iterator[Request]:
        """Yield the first requests of a crawl: the control query alone, if there is one."""
        if self.job.is_leader and self.job.control is not None:
            yield _as_control(self.first_request(self.job.control))
        elif self.job.is_leader:
            yield from map(self.first_request, self.job.queries)

    def parse_control(self, response: Response, query: CrawlQuery, **_: Any) -> SpiderOutput:
        """Start the queries if the control query, a common word, found something.

        A low count can't be believed of a source that finds nothing at all.
        """
        if not self.read(response.body).entries:
            why = "the control query found nothing either, so nothing else was asked"
            yield self.trouble(query, TroubleKind.EMPTY, response, why)
            return
        yield from map(self.first_request, self.job.queries)

    @staticmethod
    def read(body: bytes) -> Read[Any]:
        """Read the entries of a response body."""
        raise NotImplementedError

    def first_request(self, query: CrawlQuery) -> Request:
        """Return the first request for a query."""
        raise NotImplementedError

    def headers(self) -> Mapping[str, str]:
        """Return the headers of every request, such as the user's own key."""
        return {}

    def request(
        self,
        query: CrawlQuery,
        path: str,
        parameters: Mapping[str, Any],
        callback: Callable[..., SpiderOutput],
        **arguments: Any,
    ) -> Request:
        """Build a request for `path`; `callback` gets the query and `arguments`."""
        query_string = f"?{urlencode(parameters)}" if parameters else ""
        meta: dict[str, Any] = {}
        headers = dict(self.headers())
        if self.conditional and not headers:
            headers["Cache-Control"] = "max-age=0"
        else:
            meta["dont_cache"] = True
        if self.job.is_own_server:
            meta["dont_obey_robotstxt"] = True
        return Request(
            f"{query.url or self.url}{path}{query_string}",
            callback=self.answered,
            errback=self.failed,
            headers=headers,
            cb_kwargs={"query": query, "reader": callback.__name__, **arguments},
            meta=meta,
            dont_filter=True,
        )

    def trouble(
        self, query: CrawlQuery, kind: TroubleKind, response: Response, why: str
    ) -> Trouble:
        """Describe what could not be read, without the user's keys."""
        return Trouble(
            query.source,
            query.text,
            kind,
            self._without_secrets(response.url),
            self._without_secrets(why),
        )

    def pause(self, response: Response) -> float:
        """Return the seconds to wait that a source asks for in the body of a response."""
        return 0.0

    def refusal(self, response: Response, query: CrawlQuery) -> Trouble | None:
        """Return why a response is not the requested one; None if it is."""
        status = response.status
        if status != 200:
            kind = TroubleKind.MOVED if status in GONE_STATUSES else TroubleKind.UNREACHABLE
            kind = TroubleKind.BLOCKED if status in BLOCKED_STATUSES else kind
            return self.trouble(query, kind, response, f"HTTP {status}")
        host = urlsplit(query.url or self.url).hostname
        if urlsplit(response.url).hostname != host:
            return self.trouble(query, TroubleKind.MOVED, response, f"redirected away from {host}")
        return None

    def handle_refusal(
        self, refusal: Trouble, response: Response, query: CrawlQuery, **arguments: Any
    ) -> SpiderOutput:
        """Report a refusal; a source with another address requests that instead."""
        yield refusal

    def reread(self, recorded: RecordedResponse) -> SpiderOutput:
        """Read a stored response again with the present reader."""
        response = recorded.response()
        yield from self._read_checked(
            response, recorded.query, recorded.callback, **recorded.arguments
        )

    def answered(
        self, response: Response, query: CrawlQuery, reader: str, **arguments: Any
    ) -> SpiderOutput:
        """Read a response with the method named `reader`; the callback of every request."""
        if not reader.startswith(CALLBACK_PREFIX):
            raise ValueError(f"{reader[:40]!r} reads no responses")
        yield from self._read_checked(response, query, reader, **arguments)
        yield from self._finished(response.request)

    def _read_checked(
        self, response: Response, query: CrawlQuery, reader: str, **arguments: Any
    ) -> SpiderOutput:
        refusal = self.refusal(response, query)
        if refusal:
            for item in self.handle_refusal(refusal, response, query, **arguments):
                # Another address of the control query is a control as well.
                is_control = reader == self.parse_control.__name__
                yield _as_control(item) if is_control and isinstance(item, Request) else item
            return
        form_error = None
        try:
            check_size(response.body, self.name)
            for item in getattr(self, reader)(response, query, **arguments):
                yield from self._check_item(item, query, response)
        except SourceChanged as error:
            form_error = str(error)
        except Exception as error:
            form_error = f"{type(error).__name__}: {error}"[:MAX_ERROR_LENGTH]
        address, now = self._without_secrets(response.url), datetime.now(UTC)
        yield RecordedResponse(reader, query, arguments, address, response.body, form_error, now)
        if form_error is not None:
            yield self.trouble(query, TroubleKind.UNREADABLE, response, form_error)

    def _finished(self, request: Request | None) -> Iterator[SpiderItem]:
        """Report that a request of a shared frontier yields nothing more."""
        frontier, flight = self.job.frontier, request.meta.get("flight") if request else None
        if frontier is not None and flight:
            yield RequestFinished(partial(frontier.finish, self.job.source, flight))

    def _check_item(
        self, item: SpiderItem | Request, query: CrawlQuery, response: Response
    ) -> SpiderOutput:
        """Pass an item on. A page most of whose posts lack a required field covers nothing."""
        if isinstance(item, Request) and not self._has_requests_left(item):
            why = f"{MAX_REQUESTS} requests in one visit: the next one goes on from there"
            yield self.trouble(query, TroubleKind.CAPPED, response, why)
            return
        missing = self._missing_fields(item.posts) if isinstance(item, Page) else ()
        if isinstance(item, Page) and missing:
            yield replace(item, cursor=None, covered=())
            raise SourceChanged(
                f"{self.name}: {', '.join(missing)} was due, and most of {len(item.posts)} posts"
                " came without"
            )
        yield item

    def _has_requests_left(self, request: Request) -> bool:
        """Whether the query may have more requests: a server could offer pages for ever."""
        query = request.cb_kwargs["query"]
        self._requests[query.source, query.text] += 1
        return self._requests[query.source, query.text] < MAX_REQUESTS

    def _missing_fields(self, posts: Sequence[RawPost]) -> list[str]:
        if len(posts) < MIN_POSTS_TO_CHECK:
            return []
        empty = {name: sum(not getattr(p, name) for p in posts) for name in self.job.filled}
        return [name for name, number in empty.items() if number * 2 > len(posts)]

    def failed(self, failure: Any) -> Iterator[SpiderItem]:
        """Report a request without a response; the errback of every request."""
        request = failure.request
        query = request.cb_kwargs["query"]
        why = f"{failure.type.__name__}: {failure.getErrorMessage()}"[:MAX_ERROR_LENGTH]
        kind = TroubleKind.UNREACHABLE
        if failure.check(IgnoreRequest):
            # robots.txt forbids it, the address is private, or the response can't be used: it is
            # too large, or this machine's clock is wrong.
            forbidden = "robots.txt" in why or "not asked" in why
            kind = TroubleKind.BLOCKED if forbidden else TroubleKind.UNREADABLE
        yield Trouble(
            query.source,
            query.text,
            kind,
            self._without_secrets(request.url),
            self._without_secrets(why),
        )
        yield from self._finished(request)

    def _without_secrets(self, text: str) -> str:
        for secret in filter(None, self.job.secrets.values()):
            text = text.replace(secret, "…")
        return text


class SpiderComponent:
    """Base of Scrapy's components that need the crawler or the job of its spider."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _spider(self) -> SourceSpider | None:
        spider = self._crawler.spider
        return spider if isinstance(spider, SourceSpider) else None


def _as_control(request: Request) -> Request:
    """Return the request with `parse_control` as its reader."""
    arguments = {**request.cb_kwargs, "reader": SourceSpider.parse_control.__name__}
    return request.replace(cb_kwargs=arguments)
