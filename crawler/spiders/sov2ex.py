"""V2EX through sov2ex, a search engine of its topics."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crawler.items import Ask
from crawler.parsing import (
    Read,
    count_or_none,
    each,
    field,
    instant,
    joined,
    load_json,
    text_or_none,
)
from crawler.spiders.window import WindowSpider
from db.core.records import RawPost

PAGE_SIZE = 50
MOST = 10_000


def read(body: bytes) -> Read[RawPost]:
    """Topics of an answer of /api/search; their times are UTC without saying so."""
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
        created_at=instant(str(topic["created"]), UTC),
        text=joined(topic["title"], topic.get("content")),
        url=f"https://www.v2ex.com/t/{id_}",
        author=text_or_none(topic.get("member")),
        replies=count_or_none(topic.get("replies")),
    )


class SoV2ex(WindowSpider):
    name = "sov2ex"
    path = "/api/search"
    most = MOST
    most_pages = MOST // PAGE_SIZE

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def parameters(
        self, ask: Ask, since: datetime, until: datetime, page: str | None, number: int
    ) -> Mapping[str, Any]:
        return {
            "q": ask.query,
            "from": (number - 1) * PAGE_SIZE,
            "size": PAGE_SIZE,
            "sort": "created",
            "order": 0,
            "gte": int(since.timestamp()),
            "lte": int(until.timestamp()) - 1,
        }
