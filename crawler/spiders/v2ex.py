"""V2EX's newest topics: one list of the last twenty or so, and no way back."""

from typing import Any

from crawler.items import Ask
from crawler.parsing import Read, count_or_none, each, instant, joined, load_list, text_or_none
from crawler.spiders.backward import BackwardSpider
from db.core.records import RawPost


def read(body: bytes) -> Read[RawPost]:
    """Topics of an answer of /api/topics/latest.json."""
    return Read(*each(load_list(body, "v2ex"), _post))


def _post(topic: dict[str, Any]) -> RawPost:
    return RawPost(
        external_id=str(int(topic["id"])),
        created_at=instant(topic["created"]),
        text=joined(topic["title"], topic.get("content")),
        url=text_or_none(topic.get("url")),
        author=text_or_none((topic.get("member") or {}).get("username")),
        replies=count_or_none(topic.get("replies")),
    )


class V2ex(BackwardSpider):
    name = "v2ex"

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def page(self, ask: Ask, page: str | None) -> tuple[str, dict[str, Any]]:
        return "/api/topics/latest.json", {}
