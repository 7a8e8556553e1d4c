"""The base of sources that search a window of time and return a limited number of posts of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery, TroubleKind
from crawler.parsing import Read
from crawler.spiders.base import SourceSpider, SpiderOutput
from db.core.records import Page, RawPost

# Sources index with a delay: the end of the last window is searched again.
SETTLING_TIME = timedelta(minutes=15)
# Share of a source's limit that a window should reach.
TARGET_FILL = 0.85


@dataclass(frozen=True, slots=True)
class WindowPage:
    """One page of the window [since, until). token: None for the first page."""

    since: datetime
    until: datetime
    number: int = 1
    token: str | None = None


class WindowSpider(SourceSpider):
    """Searches [since, until) page by page, and shortens a window that exceeds the source's limit.

    Windows of one query are requested one after the other, so that the cursor, the end of the last
    window stored, never runs ahead of what has been read.
    """

    path: ClassVar[str]
    # The source's limits on pages and posts of one query (0: not known), and its shortest window.
    max_pages: ClassVar[int] = 1
    max_posts: ClassVar[int] = 0
    min_window: ClassVar[timedelta] = timedelta(minutes=1)

    @staticmethod
    def read(body: bytes) -> Read[RawPost]:
        """Read the posts of a response, their total number, and the token of the next page."""
        raise NotImplementedError

    def parameters(self, query: CrawlQuery, page: WindowPage) -> Mapping[str, Any]:
        """Return the parameters of the request for a page."""
        raise NotImplementedError

    def first_request(self, query: CrawlQuery) -> Request:
        # However long ago the last crawl stopped, this one continues from there.
        since = query.resume_time(SETTLING_TIME)
        return self._page_request(query, WindowPage(since, query.until))

    def _page_request(self, query: CrawlQuery, page: WindowPage, got: int = 0) -> Request:
        parameters = self.parameters(query, page)
        # These names are stored beside recorded responses.
        position = {"since": page.since, "until": page.until, "pages": page.number, "got": got}
        return self.request(query, self.path, parameters, self.parse_window, **position)

    def parse_window(
        self,
        response: Response,
        query: CrawlQuery,
        since: datetime,
        until: datetime,
        pages: int,
        got: int,
    ) -> SpiderOutput:
        answer = self.read(response.body)
        got += len(answer.entries) + len(answer.refused)
        complete = answer.next is None if answer.total is None else answer.total <= got
        more = not complete and answer.next is not None and pages < self.max_pages
        full = complete or more
        beyond = self.max_posts and answer.total is not None and answer.total > self.max_posts
        if (beyond or not full) and until - since > self.min_window:
            shorter = self._shorter_window(until - since, answer.total)
            yield self._page_request(query, WindowPage(since, since + shorter))
            return
        if more:
            yield Page(query.source, query.text, answer.entries, None, (), answer.refused)
            following = WindowPage(since, until, pages + 1, answer.next)
            yield self._page_request(query, following, got)
            return
        covered = query.covered(since, until, capped=not full)
        cursor = until.isoformat()
        yield Page(query.source, query.text, answer.entries, cursor, covered, answer.refused)
        if not full:
            there = answer.total or f"more than {got}"
            why = f"{there} posts from {since.isoformat()} on, of which it gives {got}"
            yield self.trouble(query, TroubleKind.CAPPED, response, why)
        if until < query.until:
            longer = (until - since) * self._growth(got)
            yield self._page_request(query, WindowPage(until, min(query.until, until + longer)))

    def _shorter_window(self, span: timedelta, total: int | None) -> timedelta:
        """A window that holds about as many posts as the limit; half if the total is not known."""
        share = TARGET_FILL * self.max_posts / total if self.max_posts and total else 0.5
        return max(self.min_window, span * min(0.5, share))

    def _growth(self, got: int) -> float:
        """Factor of the next window's length: up to 2, so that one busy hour does not make a quiet
        year slow, and less if that would exceed the limit."""
        return min(2.0, TARGET_FILL * self.max_posts / got) if self.max_posts and got else 2.0
