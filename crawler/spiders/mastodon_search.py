"""Mastodon's full-text search, with the user's own token, on one instance."""

import json
from collections.abc import Mapping

from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery
from crawler.parsing import Read, each, field, load_json
from crawler.spiders import mastodon
from crawler.spiders.base import SourceSpider, SpiderOutput
from db.core.records import Page, RawPost

PAGE_SIZE = 40
MAX_POSTS = 400


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the statuses of a response of /api/v2/search."""
    statuses = field(load_json(body, "mastodon"), "statuses", list, "mastodon")
    return Read(*each(statuses, mastodon.read_status))


class MastodonSearch(SourceSpider):
    """Finds only posts whose authors allow it, in no stated order: coverage is marked as capped."""

    name = "mastodon_search"
    read = staticmethod(read_posts)

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.job.secrets['mastodon_token']}"}

    def first_request(self, query: CrawlQuery) -> Request:
        return self._page(query, 0)

    def _page(self, query: CrawlQuery, offset: int) -> Request:
        parameters = {"q": query.text, "type": "statuses", "limit": PAGE_SIZE, "offset": offset}
        return self.request(query, "/api/v2/search", parameters, self.parse_page, offset=offset)

    def parse_page(self, response: Response, query: CrawlQuery, offset: int) -> SpiderOutput:
        answer = self.read(response.body)
        posts = tuple(p for p in answer.entries if query.since <= p.created_at < query.until)
        if answer.size >= PAGE_SIZE and offset + PAGE_SIZE < MAX_POSTS:
            yield Page(query.source, query.text, posts, None, (), answer.refused)
            yield self._page(query, offset + PAGE_SIZE)
            return
        covered = query.covered(query.since, query.until, capped=True)
        cursor = json.dumps({"until": query.until.isoformat()})
        yield Page(query.source, query.text, posts, cursor, covered, answer.refused)
