"""Issues and pull requests through GitHub's search: 1,000 of a query at most."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crawler.items import CrawlQuery
from crawler.parsing import Read, as_count, as_text, each, field, join_lines, load_json, parse_time
from crawler.spiders.window import WindowPage, WindowSpider
from db.core.records import RawPost

PAGE_SIZE = 100
MAX_POSTS = 1000


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the issues of a response of /search/issues.

    A search that GitHub cut short counts one more than it returned.
    """
    answer = load_json(body, "github")
    posts, refused = each(field(answer, "items", list, "github"), _post)
    total = field(answer, "total_count", int, "github")
    is_cut = answer.get("incomplete_results") is True
    more = len(posts) + len(refused) >= PAGE_SIZE
    return Read(posts, refused, total + is_cut, "more" if more else None)


def _post(item: dict[str, Any]) -> RawPost:
    return RawPost(
        external_id=str(int(item["id"])),
        created_at=parse_time(item["created_at"]),
        text=join_lines(item["title"], item.get("body")),
        url=as_text(item.get("html_url")),
        author=as_text((item.get("user") or {}).get("login")),
        likes=as_count((item.get("reactions") or {}).get("total_count")),
        replies=as_count(item.get("comments")),
    )


class GitHub(WindowSpider):
    name = "github"
    path = "/search/issues"
    max_posts = MAX_POSTS
    max_pages = MAX_POSTS // PAGE_SIZE
    read = staticmethod(read_posts)

    def headers(self) -> Mapping[str, str]:
        token = self.job.secrets.get("github_token")
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        return {"Accept": "application/vnd.github+json", **authorization}

    def parameters(self, query: CrawlQuery, page: WindowPage) -> Mapping[str, Any]:
        last = page.until - timedelta(seconds=1)
        span = f"{page.since:%Y-%m-%dT%H:%M:%SZ}..{last:%Y-%m-%dT%H:%M:%SZ}"
        return {
            "q": f'"{query.text}" created:{span}',
            "sort": "created",
            "order": "desc",
            "per_page": PAGE_SIZE,
            "page": page.number,
        }
