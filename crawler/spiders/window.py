"""Sources that are asked for a window of time and give up to a cap of posts from it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind
from crawler.parsing import Read
from crawler.spiders.base import Answer, SourceSpider
from db.core.records import Page, RawPost

# Sources index with a delay: what was asked last is asked once more.
SETTLING = timedelta(minutes=15)
# How full of a source's cap a window is meant to be.
FILL = 0.85


class WindowSpider(SourceSpider):
    """Asks for [since, until), page by page, shortens it where the cap is hit, and goes on.

    Windows of one query are asked one after the other, so that the cursor, the end of the last
    window stored, never runs ahead of what has been read.
    """

    path: ClassVar[str]
    # Pages and posts that a source gives of one query at most (0: it does not say), and the
    # smallest window that can be asked for.
    most_pages: ClassVar[int] = 1
    most: ClassVar[int] = 0
    smallest: ClassVar[timedelta] = timedelta(minutes=1)

    def read(self, body: bytes) -> Read[RawPost]:
        """The posts of an answer, how many there are in all, and what asks for the next page."""
        raise NotImplementedError

    def parameters(
        self, ask: Ask, since: datetime, until: datetime, page: str | None, number: int
    ) -> Mapping[str, Any]:
        """The query string for one page of a window: its token (None is the first) and number."""
        raise NotImplementedError

    def first(self, ask: Ask) -> Request:
        # However long ago the last crawl stopped, this one goes on from there.
        since = datetime.fromisoformat(ask.cursor) - SETTLING if ask.cursor else ask.since
        return self._window(ask, min(since, ask.until), ask.until)

    def _window(
        self,
        ask: Ask,
        since: datetime,
        until: datetime,
        *,
        page: str | None = None,
        pages: int = 1,
        got: int = 0,
    ) -> Request:
        parameters = self.parameters(ask, since, until, page, pages)
        kept = {"since": since, "until": until, "pages": pages, "got": got}
        return self.request(ask, self.path, parameters, self.parse_window, **kept)

    def parse_window(
        self,
        response: Response,
        ask: Ask,
        since: datetime,
        until: datetime,
        pages: int,
        got: int,
    ) -> Answer:
        answer = self.read(response.body)
        got += len(answer.entries) + len(answer.refused)
        complete = answer.next is None if answer.total is None else answer.total <= got
        more = not complete and answer.next is not None and pages < self.most_pages
        full = complete or more
        beyond = self.most and answer.total is not None and answer.total > self.most
        if (beyond or not full) and until - since > self.smallest:
            yield self._window(ask, since, since + self._fewer(until - since, answer.total))
            return
        if more:
            yield Page(ask.source, ask.query, answer.entries, None, (), answer.refused)
            yield self._window(ask, since, until, page=answer.next, pages=pages + 1, got=got)
            return
        covered = ask.covered(since, until, capped=not full)
        cursor = until.isoformat()
        yield Page(ask.source, ask.query, answer.entries, cursor, covered, answer.refused)
        if not full:
            there = answer.total or f"more than {got}"
            why = f"{there} posts from {since.isoformat()} on, of which it gives {got}"
            yield self.trouble(ask, Kind.CAPPED, response, why)
        if until < ask.until:
            longer = (until - since) * self._more(got)
            yield self._window(ask, until, min(ask.until, until + longer))

    def _fewer(self, span: timedelta, total: int | None) -> timedelta:
        """A window that holds about as many posts as a source gives, where it says how many there
        are; half of it elsewhere."""
        share = FILL * self.most / total if self.most and total else 0.5
        return max(self.smallest, span * min(0.5, share))

    def _more(self, got: int) -> float:
        """How many times as long the next window is: at most twice, so that one busy hour does not
        make a quiet year slow, and less where it would hit the cap."""
        return min(2.0, FILL * self.most / got) if self.most and got else 2.0
