"""RSS and Atom: one document with the newest entries, and no way back."""

import calendar
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser
from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind
from crawler.markup import words
from crawler.reading import Read, each, instant, text_or_none
from crawler.spiders.base import Answer, SourceSpider
from db.errors import SourceChanged
from db.records import Covered, Page, RawPost, Span


def read(body: bytes) -> Read[RawPost]:
    """Entries of an RSS or Atom document."""
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version"):
        start = body[:80].decode("utf-8", "replace").strip()
        raise SourceChanged(f"feed: RSS or Atom was due, {start!r} came")
    return Read(*each(parsed.entries, _post))


def _post(entry: Any) -> RawPost:
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    if when is None:
        raise ValueError("an entry without a date")
    body = entry.content[0].value if entry.get("content") else entry.get("summary", "")
    link = text_or_none(entry.get("link"))
    return RawPost(
        external_id=str(entry.get("id") or link or entry["title"]),
        created_at=instant(calendar.timegm(when)),
        text="\n".join(part for part in (words(entry.get("title")), words(body)) if part),
        url=link if link and urlsplit(link).scheme in {"http", "https"} else None,
        author=text_or_none(entry.get("author")),
    )


class Feed(SourceSpider):
    """Covers what reaches back to the last visit; else only from its oldest entry on."""

    name = "feed"

    def first(self, ask: Ask) -> Request:
        return self.request(ask, "", {}, self.parse_feed)

    def parse_feed(self, response: Response, ask: Ask) -> Answer:
        answer = read(response.body)
        if not answer.entries:
            yield self.trouble(ask, Kind.EMPTY, response, "a feed without a readable entry")
            return
        oldest = min(post.created_at for post in answer.entries)
        before = datetime.fromisoformat(json.loads(ask.cursor)["until"]) if ask.cursor else None
        since = before if before and oldest <= before else oldest
        covered = Covered(Span(min(since, ask.until), ask.until), ask.provider)
        cursor = json.dumps({"until": ask.until.isoformat()})
        yield Page(self.name, ask.query, answer.entries, cursor, (covered,), answer.refused)
