"""Bluesky's search, with the user's own app password."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crawler.items import Ask
from crawler.parsing import Read, count_or_none, each, field, instant, load_json, text_or_none
from crawler.spiders.session import SessionSpider
from crawler.spiders.window import WindowSpider
from db.core.records import RawPost


def read(body: bytes) -> Read[RawPost]:
    """Posts of an answer of app.bsky.feed.searchPosts."""
    answer = load_json(body, "bluesky")
    posts, refused = each(field(answer, "posts", list, "bluesky"), _post)
    return Read(posts, refused, next=text_or_none(answer.get("cursor")))


def _post(post: dict[str, Any]) -> RawPost:
    record, author = post["record"], post["author"]
    uri = str(post["uri"])
    # Either time can be forged; a post is no later than its indexing.
    at = min(instant(record["createdAt"]), instant(post["indexedAt"]))
    parent = ((record.get("reply") or {}).get("parent") or {}).get("uri")
    return RawPost(
        external_id=uri,
        created_at=at,
        text=str(record["text"]),
        url=f"https://bsky.app/profile/{author['did']}/post/{uri.rpartition('/')[2]}",
        author=str(author["did"]),
        lang=text_or_none((record.get("langs") or [None])[0]),
        likes=count_or_none(post.get("likeCount")),
        reposts=count_or_none(post.get("repostCount")),
        replies=count_or_none(post.get("replyCount")),
        reply_to=text_or_none(parent),
    )


class Bluesky(SessionSpider, WindowSpider):
    name = "bluesky"
    path = "/xrpc/app.bsky.feed.searchPosts"
    session_path = "/xrpc/com.atproto.server.createSession"
    given_as = "accessJwt"
    most_pages = 100

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def credentials(self) -> dict[str, str]:
        secrets = self.job.secrets
        return {
            "identifier": secrets["bluesky_identifier"],
            "password": secrets["bluesky_password"],
        }

    def parameters(
        self, ask: Ask, since: datetime, until: datetime, page: str | None, number: int
    ) -> Mapping[str, Any]:
        return {
            "q": ask.query,
            "sort": "latest",
            "since": since.isoformat(),
            "until": until.isoformat(),
            "limit": 100,
            **({"cursor": page} if page else {}),
        }
