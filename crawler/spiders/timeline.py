"""The base of sources that page through a timeline from a post id, oldest first."""

import json
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery, TroubleKind
from crawler.parsing import Read
from crawler.spiders.base import SourceSpider, SpiderOutput
from db.core.records import Page, RawPost


class TimelineSpider(SourceSpider):
    """Goes forward from the last id, page by page, until a page is not full.

    The cursor holds the newest id and the time up to which everything is read. An empty response
    covers nothing until a post was seen once: a closed timeline also returns an empty list.
    """

    page_size: ClassVar[int]

    @staticmethod
    def read(body: bytes) -> Read[tuple[str, RawPost]]:
        """Read the (id, post) pairs of a response."""
        raise NotImplementedError

    def page(self, query: CrawlQuery, after: str) -> tuple[str, dict[str, Any]]:
        """Return the path and the parameters of the page after an id."""
        raise NotImplementedError

    def id_at(self, time: datetime) -> str:
        """Return an id that sorts just before all posts from `time` on."""
        raise NotImplementedError

    def first_request(self, query: CrawlQuery) -> Request:
        if query.cursor:
            cursor = json.loads(query.cursor)
            return self._page(
                query, cursor["id"], datetime.fromisoformat(cursor["until"]), seen=True
            )
        return self._page(query, self.id_at(query.since), query.since, seen=False)

    def _page(self, query: CrawlQuery, after: str, since: datetime, *, seen: bool) -> Request:
        path, parameters = self.page(query, after)
        return self.request(
            query, path, parameters, self.parse_page, after=after, since=since, seen=seen
        )

    def parse_page(
        self, response: Response, query: CrawlQuery, after: str, since: datetime, seen: bool
    ) -> SpiderOutput:
        answer = self.read(response.body)
        if not answer.entries and not answer.refused and not seen:
            yield self.trouble(
                query, TroubleKind.EMPTY, response, "an empty list, and never a post before"
            )
            return
        in_range = [(id_, post) for id_, post in answer.entries if post.created_at < query.until]
        newest, at = max(
            ((id_, post.created_at) for id_, post in in_range),
            key=lambda pair: int(pair[0]),
            default=(after, since),
        )
        # Posts after `until` are left for the next crawl, and end this one.
        is_past = len(in_range) < len(answer.entries)
        full = len(answer.entries) + len(answer.refused) >= self.page_size
        full = full and newest != after and not is_past
        until = max(since, min(at, query.until)) if full else query.until
        yield Page(
            query.source,
            query.text,
            tuple(post for _, post in in_range),
            json.dumps({"id": newest, "until": until.isoformat()}),
            query.covered(since, max(since, until)),
            answer.refused,
        )
        if full:
            yield self._page(query, newest, until, seen=True)
