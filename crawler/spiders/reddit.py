"""Reddit's own search, with the user's own application: newest posts first."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from crawler.items import Ask
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
from crawler.spiders.arctic_shift import REMOVED
from crawler.spiders.backward import BackwardSpider
from crawler.spiders.session import SessionSpider
from db.core.records import RawPost

OWN = "https://oauth.reddit.com"
# Tokens are given on another host than the one that takes them.
TOKENS = "https://www.reddit.com"


def read(body: bytes) -> Read[RawPost]:
    """Posts of a listing of /search."""
    data = field(load_json(body, "reddit"), "data", dict, "reddit")
    posts, refused = each(field(data, "children", list, "reddit"), _post)
    return Read(posts, refused, next=text_or_none(data.get("after")))


def _post(child: dict[str, Any]) -> RawPost:
    row = child["data"]
    author = text_or_none(row.get("author"))
    parts = (part for part in (row["title"], row.get("selftext")) if part not in REMOVED)
    return RawPost(
        external_id=str(row["id"]),
        created_at=instant(row["created_utc"]),
        text=joined(*parts),
        url=f"https://www.reddit.com{row['permalink']}",
        author=None if author in REMOVED else author,
        likes=count_or_none(row.get("score")),
        replies=count_or_none(row.get("num_comments")),
    )


class Reddit(SessionSpider, BackwardSpider):
    name = "reddit"
    session_path = "/api/v1/access_token"
    given_as = "access_token"
    # A listing goes back a thousand posts.
    most_pages = 10

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    @property
    def session_base(self) -> str:
        return TOKENS if self.url == OWN else self.url

    def session_body(self) -> tuple[str, Mapping[str, str]]:
        secrets = self.job.secrets
        pair = f"{secrets['reddit_client_id']}:{secrets['reddit_client_secret']}"
        known = b64encode(pair.encode()).decode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return "grant_type=client_credentials", {"Authorization": f"Basic {known}", **form}

    def page(self, ask: Ask, page: str | None) -> tuple[str, Mapping[str, Any]]:
        asked = {"q": ask.query, "sort": "new", "type": "link", "limit": 100, "raw_json": 1}
        return "/search", {**asked, **({"after": page} if page else {})}
