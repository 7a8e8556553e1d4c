"""Mastodon's full-text search, with the user's own token, on one instance."""

import json
from collections.abc import Mapping
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask
from crawler.parsing import Read, each, field, load_json
from crawler.spiders import mastodon
from crawler.spiders.base import Answer, SourceSpider
from db.core.records import Page, RawPost

PAGE_SIZE = 40
MOST = 400


def read(body: bytes) -> Read[RawPost]:
    """Statuses of an answer of /api/v2/search."""
    statuses = field(load_json(body, "mastodon"), "statuses", list, "mastodon")
    posts, refused = each(statuses, mastodon.post)
    return Read(posts, refused)


class MastodonSearch(SourceSpider):
    """It finds only what its writers let be found, in no stated order: a lower bound of what there
    was, and marked as one."""

    name = "mastodon_search"

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.job.secrets['mastodon_token']}"}

    def first(self, ask: Ask) -> Request:
        return self._page(ask, 0)

    def _page(self, ask: Ask, offset: int) -> Request:
        asked: dict[str, Any] = {"q": ask.query, "type": "statuses", "limit": PAGE_SIZE}
        return self.request(
            ask, "/api/v2/search", {**asked, "offset": offset}, self.parse_page, offset=offset
        )

    def parse_page(self, response: Response, ask: Ask, offset: int) -> Answer:
        answer = self.read(response.body)
        found = len(answer.entries) + len(answer.refused)
        posts = tuple(p for p in answer.entries if ask.since <= p.created_at < ask.until)
        if found >= PAGE_SIZE and offset + PAGE_SIZE < MOST:
            yield Page(ask.source, ask.query, posts, None, (), answer.refused)
            yield self._page(ask, offset + PAGE_SIZE)
            return
        covered = ask.covered(ask.since, ask.until, capped=True)
        cursor = json.dumps({"until": ask.until.isoformat()})
        yield Page(ask.source, ask.query, posts, cursor, covered, answer.refused)
