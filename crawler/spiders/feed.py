"""RSS and Atom, and the searches of Google News and Reddit, whose results are feeds."""

import calendar
from typing import Any, ClassVar
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


class GoogleNews(Feed):
    """Google News; links lead through its redirects, which are stored as they are."""

    name = "google_news"
    edition: ClassVar[dict[str, str]] = {"hl": "en-US", "gl": "US", "ceid": "US:en"}

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, dict[str, Any]]:
        return "/rss/search", {"q": f"{query.text} when:7d", **self.edition}


class GoogleNewsChinese(GoogleNews):
    name = "google_news_zh"
    edition: ClassVar[dict[str, str]] = {"hl": "zh-CN", "gl": "CN", "ceid": "CN:zh-Hans"}


class RedditFeed(Feed):
    """The newest 25 posts of a search, without score or comments."""

    name = "reddit_feed"

    def page(self, query: CrawlQuery, page: str | None) -> tuple[str, dict[str, Any]]:
        return "/search.rss", {"q": query.text, "sort": "new"}
