"""Posts and comments of a Lemmy instance, by its API v4 (Lemmy 1.0) or v3."""

from typing import Any

from scrapy.http import Response

from crawler.items import CrawlQuery, Trouble
from crawler.parsing import Read, as_count, as_text, each, field, join_lines, load_json, parse_time
from crawler.spiders.backward import BackwardSpider
from crawler.spiders.base import SpiderOutput
from db.core.records import RawPost

PAGE_SIZE = 50
V3 = "v3:"


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the posts and comments of a response of /api/v4/search or /api/v3/search."""
    answer = load_json(body, "lemmy")
    posts, bad_posts = each(field(answer, "posts", list, "lemmy"), _post)
    comments, bad_comments = each(field(answer, "comments", list, "lemmy"), _comment)
    refused = (*bad_posts, *bad_comments)
    return Read((*posts, *comments), refused, next=as_text(answer.get("next_page")))


def _post(view: dict[str, Any]) -> RawPost:
    post = view["post"]
    return _raw_post(view, post, join_lines(post["name"], post.get("body")))


def _comment(view: dict[str, Any]) -> RawPost:
    comment = view["comment"]
    parents = str(comment.get("path", "")).split(".")
    return _raw_post(view, comment, comment["content"], parents[-2] if len(parents) > 2 else None)


def _raw_post(
    view: dict[str, Any], item: dict[str, Any], text: str, reply_to: str | None = None
) -> RawPost:
    # v3 has the numbers beside the post, v4 in it.
    counts, creator = view.get("counts") or item, view.get("creator") or {}
    return RawPost(
        external_id=str(item["ap_id"]),
        created_at=parse_time(item.get("published_at") or item["published"]),
        text=text,
        url=as_text(item["ap_id"]),
        author=as_text(creator.get("ap_id") or creator.get("actor_id")),
        likes=as_count(counts.get("upvotes")),
        replies=as_count(counts.get("comments", counts.get("child_count"))),
        reply_to=reply_to,
    )


class Lemmy(BackwardSpider):
    """Requests v4 first, and v3 of an instance without v4."""

    name = "lemmy"
    max_pages = 50
    read = staticmethod(read_posts)

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, dict[str, Any]]:
        common = {"type_": "All", "listing_type": "All", "limit": PAGE_SIZE}
        if page and page.startswith(V3):
            number = int(page.removeprefix(V3))
            return "/api/v3/search", {"q": query.text, "sort": "New", "page": number, **common}
        seconds = int((query.until - self.start_time(query)).total_seconds()) + 1
        more = {"page_cursor": page} if page else {}
        search = {"search_term": query.text, "time_range_seconds": seconds}
        return "/api/v4/search", {**search, **common, **more}

    def handle_refusal(
        self, refusal: Trouble, response: Response, query: CrawlQuery, **arguments: Any
    ) -> SpiderOutput:
        if response.status == 404 and "/api/v4/" in response.url:
            yield self.page_request(query, f"{V3}1", 1, query.until)
        else:
            yield refusal

    def next_page(self, answer: Read[RawPost], page: str | None) -> str | None:
        if page is None or not page.startswith(V3):
            return answer.next
        number = int(page.removeprefix(V3))
        return f"{V3}{number + 1}" if answer.size >= PAGE_SIZE else None

    def covers_start(self, page: str | None) -> bool:
        # v4 is searched by time, so its last page reaches the start of it.
        return page is None or not page.startswith(V3)
