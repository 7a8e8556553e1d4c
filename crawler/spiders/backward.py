"""The base of sources that list their newest posts first and can't search by time."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery, TroubleKind
from crawler.parsing import Read
from crawler.spiders.base import SourceSpider, SpiderOutput
from db.core.records import Page, RawPost


class BackwardSpider(SourceSpider):
    """Goes back page by page until it reaches the time of the last crawl.

    If a source no longer lists posts so old, there is a gap: coverage starts at the oldest post
    read. The cursor is stored last, with the coverage, so that a crawl that was interrupted reads
    the same pages again.
    """

    # The source's limit on pages.
    max_pages: ClassVar[int] = 1

    @staticmethod
    def read(body: bytes) -> Read[RawPost]:
        """Read the posts of a response, and the token of the next, older page."""
        raise NotImplementedError

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, Mapping[str, Any]]:
        """Return the path and the parameters of a page; None is the newest."""
        raise NotImplementedError

    def start_time(self, query: CrawlQuery) -> datetime:
        """Return the time of the last crawl, or the start of the query if there was none."""
        if query.cursor:
            return datetime.fromisoformat(json.loads(query.cursor)["until"])
        return query.since

    def next_page(self, answer: Read[RawPost], page: str | None) -> str | None:
        """Return the token of the page after `page`; None if there is none."""
        return answer.next

    def covers_start(self, page: str | None) -> bool:
        """Whether the last page reaches `start_time` even if its posts are younger."""
        return False

    def first_request(self, query: CrawlQuery) -> Request:
        return self.page_request(query, None, 1, query.until)

    def page_request(
        self, query: CrawlQuery, page: str | None, pages: int, oldest: datetime
    ) -> Request:
        """Request a page, the `pages`-th; `oldest`: time of the oldest post so far."""
        path, parameters = self.page(query, page)
        return self.request(
            query, path, parameters, self.parse_page, page=page, pages=pages, oldest=oldest
        )

    def parse_page(
        self, response: Response, query: CrawlQuery, page: str | None, pages: int, oldest: datetime
    ) -> SpiderOutput:
        answer = self.read(response.body)
        if not answer.entries and pages == 1 and self.job.control is None:
            yield self.trouble(
                query, TroubleKind.EMPTY, response, "an answer without a readable entry"
            )
            return
        start, following = self.start_time(query), self.next_page(answer, page)
        oldest = min([oldest, *(post.created_at for post in answer.entries)])
        posts = tuple(post for post in answer.entries if post.created_at < query.until)
        if oldest > start and following is not None and pages < self.max_pages:
            yield Page(query.source, query.text, posts, None, (), answer.refused)
            yield self.page_request(query, following, pages + 1, oldest)
            return
        is_complete = following is None and self.covers_start(page)
        covered = query.covered(start if is_complete else max(oldest, start), query.until)
        cursor = json.dumps({"until": query.until.isoformat()})
        yield Page(query.source, query.text, posts, cursor, covered, answer.refused)
