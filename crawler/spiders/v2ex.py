"""V2EX's newest topics: one list of the last twenty or so, and no way back."""

from typing import Any

from crawler.items import CrawlQuery
from crawler.parsing import Read, as_count, as_text, each, join_lines, load_list, parse_time
from crawler.spiders.backward import BackwardSpider
from db.core.records import RawPost


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the topics of a response of /api/topics/latest.json."""
    return Read(*each(load_list(body, "v2ex"), _post))


def _post(topic: dict[str, Any]) -> RawPost:
    return RawPost(
        external_id=str(int(topic["id"])),
        created_at=parse_time(topic["created"]),
        text=join_lines(topic["title"], topic.get("content")),
        url=as_text(topic.get("url")),
        author=as_text((topic.get("member") or {}).get("username")),
        replies=as_count(topic.get("replies")),
    )


class V2ex(BackwardSpider):
    name = "v2ex"
    read = staticmethod(read_posts)

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, dict[str, Any]]:
        return "/api/topics/latest.json", {}
