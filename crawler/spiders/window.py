"""Sources that are asked for a window of time and give up to a cap of posts from it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind
from crawler.reading import Read
from crawler.spiders.base import Answer, SourceSpider
from db.records import Covered, Page, RawPost, Span

SMALLEST = timedelta(minutes=1)
# Sources index with a delay: what was asked last is asked once more.
SETTLING = timedelta(minutes=15)


class WindowSpider(SourceSpider):
    """Asks for [since, until), halves it where the cap is hit, and goes on from there.

    Windows of one query are asked one after the other, so that the cursor, the end of the last
    window stored, never runs ahead of what has been read.
    """

    path: ClassVar[str]

    def read(self, body: bytes) -> Read[RawPost]:
        """The posts of an answer, and how many there are in all."""
        raise NotImplementedError

    def parameters(self, ask: Ask, since: datetime, until: datetime) -> dict[str, Any]:
        """The query string for one window."""
        raise NotImplementedError

    def first(self, ask: Ask) -> Request:
        # However long ago the last crawl stopped, this one goes on from there.
        since = datetime.fromisoformat(ask.cursor) - SETTLING if ask.cursor else ask.since
        return self._window(ask, min(since, ask.until), ask.until)

    def _window(self, ask: Ask, since: datetime, until: datetime) -> Request:
        parameters = self.parameters(ask, since, until)
        return self.request(ask, self.path, parameters, self.parse_window, since=since, until=until)

    def parse_window(
        self, response: Response, ask: Ask, since: datetime, until: datetime
    ) -> Answer:
        answer = self.read(response.body)
        got = len(answer.entries) + len(answer.refused)
        full = answer.total is None or answer.total <= got
        if not full and until - since > SMALLEST:
            yield self._window(ask, since, since + (until - since) / 2)
            return
        covered = Covered(Span(since, until), ask.provider, capped=not full)
        yield Page(
            self.name, ask.query, answer.entries, until.isoformat(), (covered,), answer.refused
        )
        if not full:
            why = f"{answer.total} posts from {since.isoformat()} on, of which it gives {got}"
            yield self.trouble(ask, Kind.CAPPED, response, why)
        if until < ask.until:
            # Twice as long again: one busy hour must not make a quiet year slow.
            yield self._window(ask, until, min(ask.until, until + 2 * (until - since)))
