"""Posts and comments of a Lemmy instance, by its API v4 (Lemmy 1.0) or v3."""

from collections.abc import Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Item, Trouble
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
from crawler.spiders.backward import BackwardSpider
from db.core.records import RawPost

PAGE_SIZE = 50
V3 = "v3:"


def read(body: bytes) -> Read[RawPost]:
    """Posts and comments of an answer of /api/v4/search or /api/v3/search."""
    answer = load_json(body, "lemmy")
    posts, bad_posts = each(field(answer, "posts", list, "lemmy"), _post)
    comments, bad_comments = each(field(answer, "comments", list, "lemmy"), _comment)
    refused = (*bad_posts, *bad_comments)
    return Read((*posts, *comments), refused, next=text_or_none(answer.get("next_page")))


def _post(view: dict[str, Any]) -> RawPost:
    post = view["post"]
    return _made(view, post, joined(post["name"], post.get("body")))


def _comment(view: dict[str, Any]) -> RawPost:
    comment = view["comment"]
    parents = str(comment.get("path", "")).split(".")
    return _made(view, comment, comment["content"], parents[-2] if len(parents) > 2 else None)


def _made(
    view: dict[str, Any], own: dict[str, Any], text: str, reply_to: str | None = None
) -> RawPost:
    # v3 keeps its numbers beside the post, v4 in it.
    counts, creator = view.get("counts") or own, view.get("creator") or {}
    return RawPost(
        external_id=str(own["ap_id"]),
        created_at=instant(own.get("published_at") or own["published"]),
        text=text,
        url=text_or_none(own["ap_id"]),
        author=text_or_none(creator.get("ap_id") or creator.get("actor_id")),
        likes=count_or_none(counts.get("upvotes")),
        replies=count_or_none(counts.get("comments", counts.get("child_count"))),
        reply_to=reply_to,
    )


class Lemmy(BackwardSpider):
    """Asks for v4 first; an instance that has none is asked for v3, page after page."""

    name = "lemmy"
    most_pages = 50

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def page(self, ask: Ask, page: str | None) -> tuple[str, dict[str, Any]]:
        common = {"type_": "All", "listing_type": "All", "limit": PAGE_SIZE}
        if page and page.startswith(V3):
            number = int(page.removeprefix(V3))
            return "/api/v3/search", {"q": ask.query, "sort": "New", "page": number, **common}
        seconds = int((ask.until - self.wanted(ask)).total_seconds()) + 1
        more = {"page_cursor": page} if page else {}
        asked = {"search_term": ask.query, "time_range_seconds": seconds}
        return "/api/v4/search", {**asked, **common, **more}

    def refused(
        self, refusal: Trouble, response: Response, ask: Ask, **kept: Any
    ) -> Iterator[Item | Request]:
        if response.status == 404 and "/api/v4/" in response.url:
            yield self.at(ask, f"{V3}1", 1, ask.until)
        else:
            yield refusal

    def following(self, answer: Read[RawPost], page: str | None) -> str | None:
        if page is None or not page.startswith(V3):
            return answer.next
        full = len(answer.entries) + len(answer.refused) >= PAGE_SIZE
        return f"{V3}{int(page.removeprefix(V3)) + 1}" if full else None

    def whole(self, page: str | None) -> bool:
        # v4 was asked for a time, so that its last page is the end of that.
        return page is None or not page.startswith(V3)
