"""Reddit's own search, with the user's own application: newest posts first."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from crawler.items import CrawlQuery
from crawler.parsing import Read, as_count, as_text, each, field, join_lines, load_json, parse_time
from crawler.spiders.arctic_shift import REMOVED
from crawler.spiders.backward import BackwardSpider
from crawler.spiders.session import SessionSpider
from db.core.records import RawPost

API_URL = "https://oauth.reddit.com"
# Another host issues the tokens for it.
LOGIN_URL = "https://www.reddit.com"


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the posts of a listing of /search."""
    data = field(load_json(body, "reddit"), "data", dict, "reddit")
    posts, refused = each(field(data, "children", list, "reddit"), _post)
    return Read(posts, refused, next=as_text(data.get("after")))


def _post(child: dict[str, Any]) -> RawPost:
    row = child["data"]
    author = as_text(row.get("author"))
    parts = (part for part in (row["title"], row.get("selftext")) if part not in REMOVED)
    return RawPost(
        external_id=str(row["id"]),
        created_at=parse_time(row["created_utc"]),
        text=join_lines(*parts),
        url=f"https://www.reddit.com{row['permalink']}",
        author=None if author in REMOVED else author,
        likes=as_count(row.get("score")),
        replies=as_count(row.get("num_comments")),
    )


class Reddit(SessionSpider, BackwardSpider):
    name = "reddit"
    session_path = "/api/v1/access_token"
    session_field = "access_token"
    # A listing goes back a thousand posts.
    max_pages = 10
    read = staticmethod(read_posts)

    @property
    def session_base(self) -> str:
        return LOGIN_URL if self.url == API_URL else self.url

    def session_body(self) -> tuple[str, Mapping[str, str]]:
        secrets = self.job.secrets
        pair = f"{secrets['reddit_client_id']}:{secrets['reddit_client_secret']}"
        credentials = b64encode(pair.encode()).decode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return "grant_type=client_credentials", {"Authorization": f"Basic {credentials}", **form}

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, Mapping[str, Any]]:
        parameters = {"q": query.text, "sort": "new", "type": "link", "limit": 100, "raw_json": 1}
        return "/search", {**parameters, **({"after": page} if page else {})}
