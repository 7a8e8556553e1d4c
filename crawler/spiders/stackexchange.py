"""Questions of a Stack Exchange site through its API 2.3: a window at a time, pages of 100."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scrapy.http import Response

from crawler.items import Ask, Kind, Trouble
from crawler.markup import words
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
from db.core.errors import SourceChanged
from db.core.records import RawPost


def read(body: bytes) -> Read[RawPost]:
    """Questions of an answer of /2.3/search/advanced with filter=withbody."""
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
        created_at=instant(item["creation_date"]),
        text=joined(words(item["title"]), words(item.get("body"))),
        url=text_or_none(item.get("link")),
        author=text_or_none((item.get("owner") or {}).get("user_id")),
        likes=count_or_none(item.get("score")),
        replies=count_or_none(item.get("answer_count")),
    )


class StackExchange(WindowSpider):
    """Says `backoff` in its answers where it wants a pause."""

    name = "stackexchange"
    path = "/2.3/search/advanced"
    # Further pages need a token.
    most_pages = 25

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def parameters(
        self, ask: Ask, since: datetime, until: datetime, page: str | None, number: int
    ) -> Mapping[str, Any]:
        key = self.job.secrets.get("stackexchange_key")
        return {
            "site": "stackoverflow",
            "q": ask.query,
            "sort": "creation",
            "order": "desc",
            "fromdate": int(since.timestamp()),
            "todate": int(until.timestamp()) - 1,
            "page": number,
            "pagesize": 100,
            "filter": "withbody",
            **({"key": key} if key else {}),
        }

    def pause(self, response: Response) -> float:
        try:
            return self.read(response.body).wait
        except SourceChanged:
            return 0.0

    def refusal(self, response: Response, ask: Ask) -> Trouble | None:
        if response.status == 400 and b"throttle_violation" in response.body:
            return self.trouble(ask, Kind.BLOCKED, response, "the day's quota is used up")
        return super().refusal(response, ask)
