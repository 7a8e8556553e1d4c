"""Issues and pull requests through GitHub's search: 1,000 of a query at most."""

from collections.abc import Mapping
from datetime import datetime, timedelta
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
from crawler.spiders.window import WindowSpider
from db.core.records import RawPost

PAGE_SIZE = 100
MOST = 1000


def read(body: bytes) -> Read[RawPost]:
    """Issues of an answer of /search/issues. A search that GitHub cut short has no last page."""
    answer = load_json(body, "github")
    posts, refused = each(field(answer, "items", list, "github"), _post)
    total = field(answer, "total_count", int, "github")
    cut = answer.get("incomplete_results") is True
    more = len(posts) + len(refused) >= PAGE_SIZE
    return Read(posts, refused, total + cut, "more" if more else None)


def _post(item: dict[str, Any]) -> RawPost:
    return RawPost(
        external_id=str(int(item["id"])),
        created_at=instant(item["created_at"]),
        text=joined(item["title"], item.get("body")),
        url=text_or_none(item.get("html_url")),
        author=text_or_none((item.get("user") or {}).get("login")),
        likes=count_or_none((item.get("reactions") or {}).get("total_count")),
        replies=count_or_none(item.get("comments")),
    )


class GitHub(WindowSpider):
    name = "github"
    path = "/search/issues"
    most = MOST
    most_pages = MOST // PAGE_SIZE

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def headers(self) -> Mapping[str, str]:
        token = self.job.secrets.get("github_token")
        own = {"Authorization": f"Bearer {token}"} if token else {}
        return {"Accept": "application/vnd.github+json", **own}

    def parameters(
        self, ask: Ask, since: datetime, until: datetime, page: str | None, number: int
    ) -> Mapping[str, Any]:
        last = until - timedelta(seconds=1)
        span = f"{since:%Y-%m-%dT%H:%M:%SZ}..{last:%Y-%m-%dT%H:%M:%SZ}"
        return {
            "q": f'"{ask.query}" created:{span}',
            "sort": "created",
            "order": "desc",
            "per_page": PAGE_SIZE,
            "page": number,
        }
