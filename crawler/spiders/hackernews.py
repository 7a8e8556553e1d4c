"""Hacker News through Algolia's search: stories and comments, newest first, 1,000 at most."""

from datetime import datetime
from typing import Any

from crawler.items import Ask
from crawler.markup import words
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

MOST = 1000


def read(body: bytes) -> Read[RawPost]:
    """Posts of an answer of /api/v1/search_by_date."""
    answer = load_json(body, "hackernews")
    posts, refused = each(field(answer, "hits", list, "hackernews"), _post)
    return Read(posts, refused, field(answer, "nbHits", int, "hackernews"))


def _post(hit: dict[str, Any]) -> RawPost:
    id_ = str(hit["objectID"])
    body = words(hit.get("comment_text") or hit.get("story_text"))
    title = "" if hit.get("comment_text") else (hit.get("title") or "")
    return RawPost(
        external_id=id_,
        created_at=instant(hit["created_at_i"]),
        text=joined(title, body),
        url=f"https://news.ycombinator.com/item?id={id_}",
        author=text_or_none(hit.get("author")),
        likes=count_or_none(hit.get("points")),
        replies=count_or_none(hit.get("num_comments")),
        reply_to=text_or_none(hit.get("parent_id") or hit.get("story_id")),
    )


class HackerNews(WindowSpider):
    name = "hackernews"
    path = "/api/v1/search_by_date"
    most = MOST

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def parameters(
        self, ask: Ask, since: datetime, until: datetime, page: str | None, number: int
    ) -> dict[str, Any]:
        window = f"created_at_i>={int(since.timestamp())},created_at_i<{int(until.timestamp())}"
        return {
            "query": ask.query,
            "tags": "(story,comment)",
            "numericFilters": window,
            "hitsPerPage": MOST,
        }
