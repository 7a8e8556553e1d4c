"""RSS and Atom: one document with the newest entries, and no way back."""

import calendar
from typing import Any
from urllib.parse import urlsplit

from crawler.items import Ask
from crawler.markup import words
from crawler.parsing import Read, each, instant, joined, text_or_none
from crawler.spiders.backward import BackwardSpider
from crawler.syndication import document
from db.core.records import RawPost


def read(body: bytes) -> Read[RawPost]:
    """Entries of an RSS or Atom document."""
    return Read(*each(document(body, "feed").entries, _post))


def _post(entry: Any) -> RawPost:
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    if when is None:
        raise ValueError("an entry without a date")
    body = entry.content[0].value if entry.get("content") else entry.get("summary", "")
    link = text_or_none(entry.get("link"))
    return RawPost(
        external_id=str(entry.get("id") or link or entry["title"]),
        created_at=instant(calendar.timegm(when)),
        text=joined(words(entry.get("title")), words(body)),
        url=link if link and urlsplit(link).scheme in {"http", "https"} else None,
        author=text_or_none(entry.get("author")),
    )


class Feed(BackwardSpider):
    """One document is all there is: it covers what reaches back to the last visit."""

    name = "feed"
    conditional = True

    def read(self, body: bytes) -> Read[RawPost]:
        return read(body)

    def page(self, ask: Ask, page: str | None) -> tuple[str, dict[str, Any]]:
        return "", {}
