"""Mastodon's public timeline of a tag, on one instance."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from crawler.items import CrawlQuery
from crawler.markup import words
from crawler.parsing import Read, as_count, as_text, each, load_list, parse_time
from crawler.spiders.timeline import TimelineSpider
from db.core.records import RawPost

PAGE_SIZE = 40


def read_posts(body: bytes) -> Read[tuple[str, RawPost]]:
    """Read the (status id, post) pairs of a response of /api/v1/timelines/tag/…"""
    return Read(*each(load_list(body, "mastodon"), _post))


def _post(status: dict[str, Any]) -> tuple[str, RawPost]:
    return str(int(status["id"])), read_status(status)


def read_status(status: dict[str, Any]) -> RawPost:
    """Read a post from a Status entity."""
    account = status.get("account") or {}
    return RawPost(
        # The same status has another id on each instance; its uri is the same everywhere.
        external_id=str(status["uri"]),
        created_at=parse_time(status["created_at"]),
        text=words(status["content"]),
        url=as_text(status.get("url")),
        author=as_text(account.get("acct")),
        lang=as_text(status.get("language")),
        likes=as_count(status.get("favourites_count")),
        reposts=as_count(status.get("reblogs_count")),
        replies=as_count(status.get("replies_count")),
        reply_to=as_text(status.get("in_reply_to_id")),
    )


class Mastodon(TimelineSpider):
    name = "mastodon"
    page_size = PAGE_SIZE
    read = staticmethod(read_posts)

    def page(self, query: CrawlQuery, after: str) -> tuple[str, dict[str, Any]]:
        path = f"/api/v1/timelines/tag/{quote(query.text, safe='')}"
        return path, {"min_id": after, "limit": PAGE_SIZE}

    def id_at(self, time: datetime) -> str:
        """Ids are milliseconds above 16 random bits (mastodon, lib/mastodon/snowflake.rb)."""
        return str((int(time.timestamp() * 1000) << 16) - 1)
