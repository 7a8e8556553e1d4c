"""Searches that answer with a feed: Google News, in two languages, and Reddit."""

from typing import Any, ClassVar

from crawler.items import CrawlQuery
from crawler.spiders.feed import Feed


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
