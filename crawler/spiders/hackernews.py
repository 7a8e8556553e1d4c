"""Hacker News through Algolia's search: stories and comments, newest first, 1,000 at most."""

from typing import Any

from crawler.items import CrawlQuery
from crawler.markup import words
from crawler.parsing import Read, as_count, as_text, each, field, join_lines, load_json, parse_time
from crawler.spiders.window import WindowPage, WindowSpider
from db.core.records import RawPost

MAX_POSTS = 1000


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the posts of a response of /api/v1/search_by_date."""
    answer = load_json(body, "hackernews")
    posts, refused = each(field(answer, "hits", list, "hackernews"), _post)
    return Read(posts, refused, field(answer, "nbHits", int, "hackernews"))


def _post(hit: dict[str, Any]) -> RawPost:
    id_ = str(hit["objectID"])
    body = words(hit.get("comment_text") or hit.get("story_text"))
    title = "" if hit.get("comment_text") else (hit.get("title") or "")
    return RawPost(
        external_id=id_,
        created_at=parse_time(hit["created_at_i"]),
        text=join_lines(title, body),
        url=f"https://news.ycombinator.com/item?id={id_}",
        author=as_text(hit.get("author")),
        likes=as_count(hit.get("points")),
        replies=as_count(hit.get("num_comments")),
        reply_to=as_text(hit.get("parent_id") or hit.get("story_id")),
    )


class HackerNews(WindowSpider):
    name = "hackernews"
    path = "/api/v1/search_by_date"
    max_posts = MAX_POSTS
    read = staticmethod(read_posts)

    def parameters(self, query: CrawlQuery, page: WindowPage) -> dict[str, Any]:
        since, until = int(page.since.timestamp()), int(page.until.timestamp())
        return {
            "query": query.text,
            "tags": "(story,comment)",
            "numericFilters": f"created_at_i>={since},created_at_i<{until}",
            "hitsPerPage": MAX_POSTS,
        }
