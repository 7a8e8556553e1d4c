"""V2EX through sov2ex, a search engine of its topics."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from crawler.items import CrawlQuery
from crawler.parsing import Read, as_count, as_text, each, field, join_lines, load_json, parse_time
from crawler.spiders.window import WindowPage, WindowSpider
from db.core.records import RawPost

PAGE_SIZE = 50
MAX_POSTS = 10_000


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the topics of a response of /api/search, whose times are in UTC."""
    answer = load_json(body, "sov2ex")
    posts, refused = each(field(answer, "hits", list, "sov2ex"), _post)
    more = len(posts) + len(refused) >= PAGE_SIZE
    total = field(answer, "total", int, "sov2ex")
    return Read(posts, refused, total, "more" if more else None)


def _post(hit: dict[str, Any]) -> RawPost:
    topic = hit["_source"]
    id_ = str(int(topic["id"]))
    return RawPost(
        external_id=id_,
        created_at=parse_time(str(topic["created"]), UTC),
        text=join_lines(topic["title"], topic.get("content")),
        url=f"https://www.v2ex.com/t/{id_}",
        author=as_text(topic.get("member")),
        replies=as_count(topic.get("replies")),
    )


class SoV2ex(WindowSpider):
    name = "sov2ex"
    path = "/api/search"
    max_posts = MAX_POSTS
    max_pages = MAX_POSTS // PAGE_SIZE
    read = staticmethod(read_posts)

    def parameters(self, query: CrawlQuery, page: WindowPage) -> Mapping[str, Any]:
        return {
            "q": query.text,
            "from": (page.number - 1) * PAGE_SIZE,
            "size": PAGE_SIZE,
            "sort": "created",
            "order": 0,
            "gte": int(page.since.timestamp()),
            "lte": int(page.until.timestamp()) - 1,
        }
