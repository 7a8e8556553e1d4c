"""News articles through GDELT's DOC 2.0 API: 250 of a query at most."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from crawler.items import Ask
from crawler.parsing import Read, each, field, instant, load_json, text_or_none
from crawler.spiders.window import WindowSpider
from db.core.records import RawPost

MOST = 250


def read(body: bytes) -> Read[RawPost]:
    """Articles of an answer of mode=artlist; no article at all is an empty object."""
    answer = load_json(body, "gdelt")
    if answer == {}:
        return Read(())
    posts, refused = each(field(answer, "articles", list, "gdelt"), _post)
    # It says nothing of how many there are: a full list is taken for one that was cut.
    full = len(posts) + len(refused) >= MOST
    return Read(posts, refused, next="cut" if full else None)


def _post(article: dict[str, Any]) -> RawPost:
    return RawPost(
        external_id=str(article["url"]),
        created_at=instant(str(article["seendate"])),
        text=str(article["title"]),
        url=text_or_none(article["url"]),
        author=text_or_none(article.get("domain")),
    )


class Gdelt(WindowSpider):
    """It answers errors with 200 and a page of text, which is no JSON and so is told apart."""

    name = "gdelt"
    path = "/api/v2/doc/doc"
    smallest = timedelta(minutes=15)

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def parameters(
        self, ask: Ask, since: datetime, until: datetime, page: str | None, number: int
    ) -> Mapping[str, Any]:
        several = " OR " in ask.query
        return {
            "query": f"({ask.query})" if several else ask.query,
            "mode": "artlist",
            "format": "json",
            "startdatetime": f"{since:%Y%m%d%H%M%S}",
            "enddatetime": f"{until - timedelta(seconds=1):%Y%m%d%H%M%S}",
            "maxrecords": MOST,
            "sort": "dateasc",
        }
