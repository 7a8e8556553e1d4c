"""News articles through GDELT's DOC 2.0 API: 250 of a query at most."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crawler.items import CrawlQuery
from crawler.parsing import Read, as_text, each, field, load_json, parse_time
from crawler.spiders.window import WindowPage, WindowSpider
from db.core.records import RawPost

MAX_ARTICLES = 250


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the articles of a response of mode=artlist; an empty object means none."""
    answer = load_json(body, "gdelt")
    if answer == {}:
        return Read(())
    posts, refused = each(field(answer, "articles", list, "gdelt"), _post)
    # There is no total: a full list is taken for one that was cut.
    is_full = len(posts) + len(refused) >= MAX_ARTICLES
    return Read(posts, refused, next="cut" if is_full else None)


def _post(article: dict[str, Any]) -> RawPost:
    return RawPost(
        external_id=str(article["url"]),
        created_at=parse_time(str(article["seendate"])),
        text=str(article["title"]),
        url=as_text(article["url"]),
        author=as_text(article.get("domain")),
    )


class Gdelt(WindowSpider):
    """Reports errors as plain text with status 200, which is no JSON and so unreadable."""

    name = "gdelt"
    path = "/api/v2/doc/doc"
    min_window = timedelta(minutes=15)
    read = staticmethod(read_posts)

    def parameters(self, query: CrawlQuery, page: WindowPage) -> Mapping[str, Any]:
        return {
            "query": f"({query.text})" if " OR " in query.text else query.text,
            "mode": "artlist",
            "format": "json",
            "startdatetime": f"{page.since:%Y%m%d%H%M%S}",
            "enddatetime": f"{page.until - timedelta(seconds=1):%Y%m%d%H%M%S}",
            "maxrecords": MAX_ARTICLES,
            "sort": "dateasc",
        }
