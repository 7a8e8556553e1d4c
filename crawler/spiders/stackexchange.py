"""Questions of a Stack Exchange site through its API 2.3: a window at a time, pages of 100."""

from collections.abc import Mapping
from typing import Any

from scrapy.http import Response

from crawler.items import CrawlQuery, Trouble, TroubleKind
from crawler.markup import words
from crawler.parsing import Read, as_count, as_text, each, field, join_lines, load_json, parse_time
from crawler.spiders.window import WindowPage, WindowSpider
from db.core.errors import SourceChanged
from db.core.records import RawPost


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the questions of a response of /2.3/search/advanced with filter=withbody."""
    answer = load_json(body, "stackexchange")
    posts, refused = each(field(answer, "items", list, "stackexchange"), _post)
    wait = answer.get("backoff")
    return Read(
        posts,
        refused,
        next="more" if answer.get("has_more") is True else None,
        wait=float(wait) if isinstance(wait, int | float) else 0.0,
    )


def _post(item: dict[str, Any]) -> RawPost:
    return RawPost(
        external_id=str(int(item["question_id"])),
        created_at=parse_time(item["creation_date"]),
        text=join_lines(words(item["title"]), words(item.get("body"))),
        url=as_text(item.get("link")),
        author=as_text((item.get("owner") or {}).get("user_id")),
        likes=as_count(item.get("score")),
        replies=as_count(item.get("answer_count")),
    )


class StackExchange(WindowSpider):
    """Asks for pauses by `backoff` in its responses."""

    name = "stackexchange"
    path = "/2.3/search/advanced"
    # Further pages need a token.
    max_pages = 25
    read = staticmethod(read_posts)

    def parameters(self, query: CrawlQuery, page: WindowPage) -> Mapping[str, Any]:
        key = self.job.secrets.get("stackexchange_key")
        return {
            "site": "stackoverflow",
            "q": query.text,
            "sort": "creation",
            "order": "desc",
            "fromdate": int(page.since.timestamp()),
            "todate": int(page.until.timestamp()) - 1,
            "page": page.number,
            "pagesize": 100,
            "filter": "withbody",
            **({"key": key} if key else {}),
        }

    def pause(self, response: Response) -> float:
        try:
            return self.read(response.body).wait
        except SourceChanged:
            return 0.0

    def refusal(self, response: Response, query: CrawlQuery) -> Trouble | None:
        if response.status == 400 and b"throttle_violation" in response.body:
            return self.trouble(query, TroubleKind.BLOCKED, response, "the day's quota is used up")
        return super().refusal(response, query)
