"""Reddit through arctic-shift: all posts, or all comments, of a subreddit, oldest first."""

from datetime import datetime
from typing import Any, ClassVar

from crawler.items import Ask
from crawler.parsing import Read, count_or_none, each, field, instant, load_json, text_or_none
from crawler.spiders.timeline import TimelineSpider
from db.core.records import RawPost

PAGE_SIZE = 100
REMOVED = {"[removed]", "[deleted]"}


def read(body: bytes) -> Read[tuple[str, RawPost]]:
    """(second, post) pairs of an answer of /api/posts/search or /api/comments/search."""
    answer = load_json(body, "arctic_shift")
    return Read(*each(field(answer, "data", list, "arctic_shift"), _post))


def _post(row: dict[str, Any]) -> tuple[str, RawPost]:
    at = instant(row["created_utc"])
    parts = (row.get("title"), row.get("selftext"), row.get("body"))
    text = "\n".join(part for part in parts if part and part not in REMOVED)
    author = text_or_none(row.get("author"))
    # A comment names its post; its address hangs under that one's.
    thread = str(row.get("link_id") or row["id"]).removeprefix("t3_")
    own = f"{row['id']}/" if "link_id" in row else ""
    return str(int(at.timestamp())), RawPost(
        external_id=str(row["id"]),
        created_at=at,
        text=text,
        url=f"https://www.reddit.com/r/{row['subreddit']}/comments/{thread}/_/{own}",
        author=None if author in REMOVED else author,
        likes=count_or_none(row.get("score")),
        replies=count_or_none(row.get("num_comments")),
        reply_to=text_or_none(row.get("parent_id")),
    )


class ArcticShift(TimelineSpider):
    """Keywords are not taken on busy subreddits, so a subreddit is read whole."""

    name = "reddit_posts"
    page_size = PAGE_SIZE
    kind: ClassVar[str] = "posts"

    def read(self, body: bytes) -> Read[tuple[str, RawPost]]:
        return read(body)

    def page(self, ask: Ask, after: str) -> tuple[str, dict[str, Any]]:
        return f"/api/{self.kind}/search", {
            "subreddit": ask.query,
            "after": after,
            "before": int(ask.until.timestamp()),
            "sort": "asc",
            "limit": PAGE_SIZE,
        }

    def id_at(self, instant: datetime) -> str:
        return str(int(instant.timestamp()) - 1)


class ArcticShiftComments(ArcticShift):
    name = "reddit_comments"
    kind = "comments"
