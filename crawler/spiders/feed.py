"""RSS and Atom: one document with the newest entries, and no way back."""

import calendar
from typing import Any
from urllib.parse import urlsplit

from crawler.items import CrawlQuery
from crawler.markup import words
from crawler.parsing import Read, as_text, each, join_lines, parse_time
from crawler.spiders.backward import BackwardSpider
from crawler.syndication import parse_feed
from db.core.records import RawPost


def read_posts(body: bytes) -> Read[RawPost]:
    """Read the entries of an RSS or Atom document."""
    return Read(*each(parse_feed(body, "feed").entries, _post))


def _post(entry: Any) -> RawPost:
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    if when is None:
        raise ValueError("an entry without a date")
    body = entry.content[0].value if entry.get("content") else entry.get("summary", "")
    link = as_text(entry.get("link"))
    return RawPost(
        external_id=str(entry.get("id") or link or entry["title"]),
        created_at=parse_time(calendar.timegm(when)),
        text=join_lines(words(entry.get("title")), words(body)),
        url=link if link and urlsplit(link).scheme in {"http", "https"} else None,
        author=as_text(entry.get("author")),
    )


class Feed(BackwardSpider):
    """Reads one document, whose oldest entry is the start of its coverage."""

    name = "feed"
    conditional = True
    read = staticmethod(read_posts)

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, dict[str, Any]]:
        return "", {}
