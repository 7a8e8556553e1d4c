"""Sources that give a timeline in pages, oldest first, from an id on."""

import json
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind
from crawler.parsing import Read
from crawler.spiders.base import Answer, SourceSpider
from db.core.records import Page, RawPost


class TimelineSpider(SourceSpider):
    """Goes forward from the last id, page by page, until one comes that is not full.

    The cursor keeps the newest id and the time up to which all is read. An empty answer before
    any post was ever seen covers nothing: a closed timeline also answers with an empty list.
    """

    page_size: ClassVar[int]

    def read(self, body: bytes) -> Read[tuple[str, RawPost]]:
        """The (id, post) pairs of an answer."""
        raise NotImplementedError

    def page(self, ask: Ask, after: str) -> tuple[str, dict[str, Any]]:
        """Path and query string of the page after an id."""
        raise NotImplementedError

    def id_at(self, instant: datetime) -> str:
        """An id that sorts just before all posts from `instant` on."""
        raise NotImplementedError

    def first(self, ask: Ask) -> Request:
        if ask.cursor:
            kept = json.loads(ask.cursor)
            return self._page(ask, kept["id"], datetime.fromisoformat(kept["until"]), seen=True)
        return self._page(ask, self.id_at(ask.since), ask.since, seen=False)

    def _page(self, ask: Ask, after: str, since: datetime, *, seen: bool) -> Request:
        path, parameters = self.page(ask, after)
        return self.request(
            ask, path, parameters, self.parse_page, after=after, since=since, seen=seen
        )

    def parse_page(
        self, response: Response, ask: Ask, after: str, since: datetime, seen: bool
    ) -> Answer:
        answer = self.read(response.body)
        if not answer.entries and not answer.refused and not seen:
            yield self.trouble(ask, Kind.EMPTY, response, "an empty list, and never a post before")
            return
        wanted = [(id_, post) for id_, post in answer.entries if post.created_at < ask.until]
        newest, at = max(
            ((id_, post.created_at) for id_, post in wanted),
            key=lambda pair: int(pair[0]),
            default=(after, since),
        )
        # What was made after `until` is left for the next crawl, and ends this one.
        past = len(wanted) < len(answer.entries)
        full = len(answer.entries) + len(answer.refused) >= self.page_size
        full = full and newest != after and not past
        until = max(since, min(at, ask.until)) if full else ask.until
        yield Page(
            ask.source,
            ask.query,
            tuple(post for _, post in wanted),
            json.dumps({"id": newest, "until": until.isoformat()}),
            ask.covered(since, max(since, until)),
            answer.refused,
        )
        if full:
            yield self._page(ask, newest, until, seen=True)
