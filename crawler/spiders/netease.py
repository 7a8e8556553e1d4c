"""Comments on NetEase articles, by the article's id: newest first, thirty a page."""

from typing import Any
from zoneinfo import ZoneInfo

from crawler.items import CrawlQuery
from crawler.markup import words
from crawler.parsing import Read, as_count, as_text, each, field, load_json, parse_time
from crawler.spiders.backward import BackwardSpider
from db.core.records import RawPost

PAGE_SIZE = 30
BEIJING = ZoneInfo("Asia/Shanghai")
PRODUCT_KEY = "a2869674571f77b5a0867c3d71db5856"


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the comments of a response of …/comments/newList, whose ids form chains."""
    answer = load_json(body, "netease")
    chains = field(answer, "commentIds", list, "netease")
    comments = field(answer, "comments", dict, "netease")
    parents: dict[str, str | None] = {}
    for chain in chains:
        ids = str(chain).split(",")
        for parent, id_ in zip([None, *ids], ids, strict=False):
            parents.setdefault(id_, parent)
    return Read(*each(parents.items(), lambda pair: _post(comments[pair[0]], pair[1])))


def _post(comment: dict[str, Any], parent: str | None) -> RawPost:
    return RawPost(
        external_id=str(comment["commentId"]),
        created_at=parse_time(str(comment["createTime"]), BEIJING),
        text=words(comment["content"]),
        author=as_text((comment.get("user") or {}).get("userId")),
        likes=as_count(comment.get("vote")),
        reply_to=parent,
    )


class NetEase(BackwardSpider):
    name = "netease"
    max_pages = 100
    read = staticmethod(read_posts)

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, dict[str, Any]]:
        return f"/api/v1/products/{PRODUCT_KEY}/threads/{query.text}/comments/newList", {
            "ibc": "newspc",
            "limit": PAGE_SIZE,
            "offset": page or "0",
            "showLevelThreshold": 72,
            "headLimit": 1,
            "tailLimit": 2,
        }

    def next_page(self, answer: Read[RawPost], page: str | None) -> str | None:
        return str(int(page or "0") + PAGE_SIZE) if answer.entries else None
