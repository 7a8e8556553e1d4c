"""Sources that give their newest posts first and know no window of time."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind
from crawler.parsing import Read
from crawler.spiders.base import Answer, SourceSpider
from db.core.records import Page, RawPost


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

    def wanted(self, ask: Ask) -> datetime:
        """From when on posts are wanted: the last visit, or as far back as was asked."""
        return datetime.fromisoformat(json.loads(ask.cursor)["until"]) if ask.cursor else ask.since

    def following(self, answer: Read[RawPost], page: str | None) -> str | None:
        """What asks for the page after this one, if there is any."""
        return answer.next

    def whole(self, page: str | None) -> bool:
        """Whether the last page ends the time asked for, rather than what the source gives."""
        return False

    def first(self, ask: Ask) -> Request:
        return self.at(ask, None, 1, ask.until)

    def at(self, ask: Ask, page: str | None, pages: int, oldest: datetime) -> Request:
        """The request for a page, so many having been read down to `oldest`."""
        path, parameters = self.page(ask, page)
        return self.request(
            ask, path, parameters, self.parse_page, page=page, pages=pages, oldest=oldest
        )

    def parse_page(
        self, response: Response, ask: Ask, page: str | None, pages: int, oldest: datetime
    ) -> Answer:
        answer = self.read(response.body)
        if not answer.entries and pages == 1 and self.job.control is None:
            yield self.trouble(ask, Kind.EMPTY, response, "an answer without a readable entry")
            return
        wanted, following = self.wanted(ask), self.following(answer, page)
        oldest = min([oldest, *(post.created_at for post in answer.entries)])
        posts = tuple(post for post in answer.entries if post.created_at < ask.until)
        if oldest > wanted and following is not None and pages < self.most_pages:
            yield Page(ask.source, ask.query, posts, None, (), answer.refused)
            yield self.at(ask, following, pages + 1, oldest)
            return
        ended = following is None and self.whole(page)
        covered = ask.covered(wanted if ended else max(oldest, wanted), ask.until)
        cursor = json.dumps({"until": ask.until.isoformat()})
        yield Page(ask.source, ask.query, posts, cursor, covered, answer.refused)
