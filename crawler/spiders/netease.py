"""Comments on NetEase articles, by the article's id: newest first, thirty a page."""

from typing import Any
from zoneinfo import ZoneInfo

from crawler.items import Ask
from crawler.markup import words
from crawler.parsing import Read, count_or_none, each, field, instant, load_json, text_or_none
from crawler.spiders.backward import BackwardSpider
from db.core.records import RawPost

PAGE_SIZE = 30
BEIJING = ZoneInfo("Asia/Shanghai")
PRODUCT = "a2869674571f77b5a0867c3d71db5856"


def read(body: bytes) -> Read[RawPost]:
    """Comments of an answer of …/comments/newList, whose ids stand in chains from root to leaf."""
    answer = load_json(body, "netease")
    chains = field(answer, "commentIds", list, "netease")
    comments = field(answer, "comments", dict, "netease")
    above: dict[str, str | None] = {}
    for chain in chains:
        ids = str(chain).split(",")
        for parent, id_ in zip([None, *ids], ids, strict=False):
            above.setdefault(id_, parent)
    return Read(*each(above.items(), lambda pair: _post(comments[pair[0]], pair[1])))


def _post(comment: dict[str, Any], above: str | None) -> RawPost:
    return RawPost(
        external_id=str(comment["commentId"]),
        created_at=instant(str(comment["createTime"]), BEIJING),
        text=words(comment["content"]),
        author=text_or_none((comment.get("user") or {}).get("userId")),
        likes=count_or_none(comment.get("vote")),
        reply_to=above,
    )


class NetEase(BackwardSpider):
    name = "netease"
    most_pages = 100

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def page(self, ask: Ask, page: str | None) -> tuple[str, dict[str, Any]]:
        return f"/api/v1/products/{PRODUCT}/threads/{ask.query}/comments/newList", {
            "ibc": "newspc",
            "limit": PAGE_SIZE,
            "offset": page or "0",
            "showLevelThreshold": 72,
            "headLimit": 1,
            "tailLimit": 2,
        }

    def following(self, answer: Read[RawPost], page: str | None) -> str | None:
        return str(int(page or "0") + PAGE_SIZE) if answer.entries else None
