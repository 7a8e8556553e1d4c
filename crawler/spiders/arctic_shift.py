"""Reddit through arctic-shift: all posts, or all comments, of a subreddit, oldest first."""

from datetime import datetime
from typing import Any, ClassVar

from crawler.items import CrawlQuery
from crawler.parsing import Read, as_count, as_text, each, field, load_json, parse_time
from crawler.spiders.timeline import TimelineSpider
from db.core.records import RawPost

PAGE_SIZE = 100
REMOVED = {"[removed]", "[deleted]"}


def read_posts(body: bytes) -> Read[tuple[str, RawPost]]:
    """Read the (second, post) pairs of a response of /api/posts/search or /api/comments/search."""
    answer = load_json(body, "arctic_shift")
    return Read(*each(field(answer, "data", list, "arctic_shift"), _post))


def _post(row: dict[str, Any]) -> tuple[str, RawPost]:
    at = parse_time(row["created_utc"])
    parts = (row.get("title"), row.get("selftext"), row.get("body"))
    text = "\n".join(part for part in parts if part and part not in REMOVED)
    author = as_text(row.get("author"))
    # The address of a comment is below that of its post.
    thread = str(row.get("link_id") or row["id"]).removeprefix("t3_")
    comment_path = f"{row['id']}/" if "link_id" in row else ""
    return str(int(at.timestamp())), RawPost(
        external_id=str(row["id"]),
        created_at=at,
        text=text,
        url=f"https://www.reddit.com/r/{row['subreddit']}/comments/{thread}/_/{comment_path}",
        author=None if author in REMOVED else author,
        likes=as_count(row.get("score")),
        replies=as_count(row.get("num_comments")),
        reply_to=as_text(row.get("parent_id")),
    )


class ArcticShift(TimelineSpider):
    """Reads whole subreddits, since busy ones can't be searched."""

    name = "reddit_posts"
    page_size = PAGE_SIZE
    kind: ClassVar[str] = "posts"
    read = staticmethod(read_posts)

    def page(self, query: CrawlQuery, after: str) -> tuple[str, dict[str, Any]]:
        return f"/api/{self.kind}/search", {
            "subreddit": query.text,
            "after": after,
            "before": int(query.until.timestamp()),
            "sort": "asc",
            "limit": PAGE_SIZE,
        }

    def id_at(self, time: datetime) -> str:
        return str(int(time.timestamp()) - 1)


class ArcticShiftComments(ArcticShift):
    name = "reddit_comments"
    kind = "comments"
