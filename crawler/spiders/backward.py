"""Sources that give their newest posts first and know no window of time."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind
from crawler.reading import Read
from crawler.spiders.base import Answer, SourceSpider
from db.records import Page, RawPost


class BackwardSpider(SourceSpider):
    """Goes back page by page until the last visit is reached.

    What lies between the last visit and the oldest post that a source still gave is a gap, not
    silence: coverage starts at that post. The cursor is stored last, with the coverage, so that a
    crawl that was cut off goes back over the same pages.
    """

    # Pages that a source gives at most.
    most_pages: ClassVar[int] = 1

    def read(self, body: bytes) -> Read[RawPost]:
        """The posts of an answer, and what asks for the page before it."""
        raise NotImplementedError

    def page(self, ask: Ask, page: str | None) -> tuple[str, Mapping[str, Any]]:
        """Path and query string of a page; None is the newest."""
        raise NotImplementedError

    def first(self, ask: Ask) -> Request:
        return self._page(ask, None, 1, ask.until)

    def _page(self, ask: Ask, page: str | None, pages: int, oldest: datetime) -> Request:
        path, parameters = self.page(ask, page)
        return self.request(ask, path, parameters, self.parse_page, pages=pages, oldest=oldest)

    def parse_page(self, response: Response, ask: Ask, pages: int, oldest: datetime) -> Answer:
        answer = self.read(response.body)
        if not answer.entries and pages == 1:
            yield self.trouble(ask, Kind.EMPTY, response, "an answer without a readable entry")
            return
        wanted = datetime.fromisoformat(json.loads(ask.cursor)["until"]) if ask.cursor else None
        wanted = wanted or ask.since
        oldest = min([oldest, *(post.created_at for post in answer.entries)])
        posts = tuple(post for post in answer.entries if post.created_at < ask.until)
        if oldest > wanted and answer.next is not None and pages < self.most_pages:
            yield Page(ask.source, ask.query, posts, None, (), answer.refused)
            yield self._page(ask, answer.next, pages + 1, oldest)
            return
        covered = ask.covered(max(oldest, wanted), ask.until)
        cursor = json.dumps({"until": ask.until.isoformat()})
        yield Page(ask.source, ask.query, posts, cursor, covered, answer.refused)
