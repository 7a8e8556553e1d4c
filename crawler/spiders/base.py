"""What every spider does: ask, tell the ways to fail apart, hand the answer to its reader."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.items import Ask, Asked, Item, Job, Kind, Left, Trouble
from crawler.parsing import Read, refuse_crowded
from db.core.errors import SourceChanged
from db.core.records import Page, RawPost

Answer = Iterator[Item | Request]
BLOCKED = {401, 403, 407, 418, 429, 432, 451, 503}
GONE = {404, 410}
LONGEST = 300
# How the methods are called that read answers: no other is called by what lies in a frontier.
READERS = "parse_"
# Requests for one query in one visit; what lies beyond is for the next one.
MOST_REQUESTS = 2000
# Of fewer posts it says little that they lack something.
FEWEST_WATCHED = 10


class SourceSpider(Spider):
    """Base of all spiders. `name` is the source's key; a subclass says how to ask and to read."""

    # Whether it asks for the same document again and again, of which a copy may be kept; never so
    # where the user's own key goes with a request.
    conditional: ClassVar[bool] = False

    def __init__(self, job: Job, url: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.url = url.rstrip("/")
        self._requests: Counter[tuple[str, str]] = Counter()

    async def start(self) -> AsyncIterator[Request]:
        for request in self.beginning():
            yield request

    def beginning(self) -> Iterator[Request]:
        """The first requests of a crawl: the control query, where there is one, goes first."""
        if not self.job.leads:
            return
        if self.job.control is None:
            yield from map(self.first, self.job.asks)
        else:
            yield _as_control(self.first(self.job.control))

    def parse_control(self, response: Response, ask: Ask, **_: Any) -> Answer:
        """Asks what is wanted once a common word has found something; else a low count would not
        be believed."""
        answer = self.read(response.body)
        if not answer.entries:
            why = "the control query found nothing either, so nothing else was asked"
            yield self.trouble(ask, Kind.EMPTY, response, why)
            return
        for wanted in self.job.asks:
            yield self.first(wanted)

    def read(self, body: bytes) -> Read[Any]:
        """What an answer holds."""
        raise NotImplementedError

    def first(self, ask: Ask) -> Request:
        """The first request for `ask`."""
        raise NotImplementedError

    def headers(self) -> Mapping[str, str]:
        """What goes with every request, such as the user's own key."""
        return {}

    def request(
        self,
        ask: Ask,
        path: str,
        parameters: Mapping[str, Any],
        callback: Callable[..., Answer],
        **kept: Any,
    ) -> Request:
        """A request for `ask`; `kept` reaches the callback."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        meta: dict[str, Any] = {}
        headers = dict(self.headers())
        if self.conditional and not headers:
            headers["Cache-Control"] = "max-age=0"
        else:
            meta["dont_cache"] = True
        if self.job.own:
            meta["dont_obey_robotstxt"] = True
        return Request(
            f"{ask.url or self.url}{path}{query}",
            callback=self.answered,
            errback=self.failed,
            headers=headers,
            cb_kwargs={"ask": ask, "reader": callback.__name__, **kept},
            meta=meta,
            dont_filter=True,
        )

    def trouble(self, ask: Ask, kind: Kind, response: Response, why: str) -> Trouble:
        return Trouble(ask.source, ask.query, kind, self._shown(response.url), self._shown(why))

    def pause(self, response: Response) -> float:
        """Seconds that an answer asks to be left alone for, in whatever way the source says so."""
        return 0.0

    def refusal(self, response: Response, ask: Ask) -> Trouble | None:
        """Why an answer is none, though it came; a source with ways of its own adds to it."""
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

    def refused(self, refusal: Trouble, response: Response, ask: Ask, **kept: Any) -> Answer:
        """What to do when an answer is none; a source that has another way asks for that."""
        yield refusal

    def again(self, asked: Asked) -> Answer:
        """What the present reader makes of an answer that was kept."""
        yield from self._checked(asked.response(), asked.ask, asked.callback, **asked.kept)

    def answered(self, response: Response, ask: Ask, reader: str, **kept: Any) -> Answer:
        """What an answer holds, by the method that reads it; every request comes back to here."""
        if not reader.startswith(READERS):
            raise ValueError(f"{reader[:40]!r} reads no answers")
        yield from self._checked(response, ask, reader, **kept)
        yield from self._left(response.request)

    def _checked(self, response: Response, ask: Ask, reader: str, **kept: Any) -> Answer:
        refusal = self.refusal(response, ask)
        if refusal:
            for item in self.refused(refusal, response, ask, **kept):
                # Another way to ask for the control query is its control as well.
                control = reader == self.parse_control.__name__
                yield _as_control(item) if control and isinstance(item, Request) else item
            return
        changed = None
        try:
            refuse_crowded(response.body, self.name)
            for item in getattr(self, reader)(response, ask, **kept):
                yield from self._watched(item, ask, response)
        except SourceChanged as error:
            changed = str(error)
        except Exception as error:
            changed = f"{type(error).__name__}: {error}"[:LONGEST]
        address, now = self._shown(response.url), datetime.now(UTC)
        yield Asked(reader, ask, kept, address, response.body, changed, now)
        if changed is not None:
            yield self.trouble(ask, Kind.UNREADABLE, response, changed)

    def _left(self, request: Request | None) -> Iterator[Item]:
        """That nothing more comes of a request that several crawlers share."""
        frontier, flight = self.job.frontier, request.meta.get("flight") if request else None
        if frontier is not None and flight:
            yield Left(partial(frontier.done, self.job.source, flight))

    def _watched(self, item: Item | Request, ask: Ask, response: Response) -> Answer:
        """The item itself, but for a page most of whose posts lack what they always had: its posts
        are kept, and it covers nothing."""
        if isinstance(item, Request) and not self._may_ask(item):
            why = f"{MOST_REQUESTS} requests in one visit: the next one goes on from there"
            yield self.trouble(ask, Kind.CAPPED, response, why)
            return
        lost = self._lost(item.posts) if isinstance(item, Page) else ()
        if isinstance(item, Page) and lost:
            yield replace(item, cursor=None, covered=())
            raise SourceChanged(
                f"{self.name}: {', '.join(lost)} was due, and most of {len(item.posts)} posts"
                " came without"
            )
        yield item

    def _may_ask(self, request: Request) -> bool:
        """Whether a query has requests left; a server could say for ever that there is more."""
        ask = request.cb_kwargs["ask"]
        self._requests[ask.source, ask.query] += 1
        return self._requests[ask.source, ask.query] < MOST_REQUESTS

    def _lost(self, posts: Sequence[RawPost]) -> list[str]:
        if len(posts) < FEWEST_WATCHED:
            return []
        empty = {name: sum(not getattr(p, name) for p in posts) for name in self.job.filled}
        return [name for name, number in empty.items() if number * 2 > len(posts)]

    def failed(self, failure: Any) -> Iterator[Item]:
        """What to say of a request that had no answer."""
        request = failure.request
        ask = request.cb_kwargs["ask"]
        why = f"{failure.type.__name__}: {failure.getErrorMessage()}"[:LONGEST]
        kind = Kind.UNREACHABLE
        if failure.check(IgnoreRequest):
            # robots.txt forbids it, it lies inside our own network, or it can't be made use of:
            # too large to unpack, or had by a clock that is wrong.
            forbidden = "robots.txt" in why or "not asked" in why
            kind = Kind.BLOCKED if forbidden else Kind.UNREADABLE
        yield Trouble(ask.source, ask.query, kind, self._shown(request.url), self._shown(why))
        yield from self._left(request)

    def _shown(self, text: str) -> str:
        """Text that may be shown: a key that an address carries is not."""
        for secret in filter(None, self.job.secrets.values()):
            text = text.replace(secret, "…")
        return text


def _as_control(request: Request) -> Request:
    """A request that only opens the way for the others."""
    kept = {**request.cb_kwargs, "reader": SourceSpider.parse_control.__name__}
    return request.replace(cb_kwargs=kept)
