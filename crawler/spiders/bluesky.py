"""Bluesky's search, with the user's own app password."""

import json
from collections.abc import Mapping
from typing import Any

from crawler.items import CrawlQuery
from crawler.parsing import Read, as_count, as_text, each, field, load_json, parse_time
from crawler.spiders.session import SessionSpider
from crawler.spiders.window import WindowPage, WindowSpider
from db.core.records import RawPost


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the posts of a response of app.bsky.feed.searchPosts."""
    answer = load_json(body, "bluesky")
    posts, refused = each(field(answer, "posts", list, "bluesky"), _post)
    return Read(posts, refused, next=as_text(answer.get("cursor")))


def _post(post: dict[str, Any]) -> RawPost:
    record, author = post["record"], post["author"]
    uri = str(post["uri"])
    # Either time can be forged; a post is no later than its indexing.
    at = min(parse_time(record["createdAt"]), parse_time(post["indexedAt"]))
    parent = ((record.get("reply") or {}).get("parent") or {}).get("uri")
    return RawPost(
        external_id=uri,
        created_at=at,
        text=str(record["text"]),
        url=f"https://bsky.app/profile/{author['did']}/post/{uri.rpartition('/')[2]}",
        author=str(author["did"]),
        lang=as_text((record.get("langs") or [None])[0]),
        likes=as_count(post.get("likeCount")),
        reposts=as_count(post.get("repostCount")),
        replies=as_count(post.get("replyCount")),
        reply_to=as_text(parent),
    )


class Bluesky(SessionSpider, WindowSpider):
    name = "bluesky"
    path = "/xrpc/app.bsky.feed.searchPosts"
    session_path = "/xrpc/com.atproto.server.createSession"
    session_field = "accessJwt"
    max_pages = 100
    read = staticmethod(read_posts)

    def session_body(self) -> tuple[str, Mapping[str, str]]:
        secrets = self.job.secrets
        login = {
            "identifier": secrets["bluesky_identifier"],
            "password": secrets["bluesky_password"],
        }
        return json.dumps(login), {"Content-Type": "application/json"}

    def parameters(self, query: CrawlQuery, page: WindowPage) -> Mapping[str, Any]:
        return {
            "q": query.text,
            "sort": "latest",
            "since": page.since.isoformat(),
            "until": page.until.isoformat(),
            "limit": 100,
            **({"cursor": page.token} if page.token else {}),
        }
