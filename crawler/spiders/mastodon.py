"""Mastodon's public timeline of a tag, on one instance."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from crawler.items import Ask
from crawler.markup import words
from crawler.parsing import Read, count_or_none, each, instant, load_list, text_or_none
from crawler.spiders.timeline import TimelineSpider
from db.core.records import RawPost

PAGE_SIZE = 40


def read(body: bytes) -> Read[tuple[str, RawPost]]:
    """(status id, post) pairs of an answer of /api/v1/timelines/tag/…"""
    return Read(*each(load_list(body, "mastodon"), _post))


def _post(status: dict[str, Any]) -> tuple[str, RawPost]:
    return str(int(status["id"])), post(status)


def post(status: dict[str, Any]) -> RawPost:
    """The post that a Status entity is."""
    account = status.get("account") or {}
    return RawPost(
        # The same status has another id on each instance; its uri is the same everywhere.
        external_id=str(status["uri"]),
        created_at=instant(status["created_at"]),
        text=words(status["content"]),
        url=text_or_none(status.get("url")),
        author=text_or_none(account.get("acct")),
        lang=text_or_none(status.get("language")),
        likes=count_or_none(status.get("favourites_count")),
        reposts=count_or_none(status.get("reblogs_count")),
        replies=count_or_none(status.get("replies_count")),
        reply_to=text_or_none(status.get("in_reply_to_id")),
    )


class Mastodon(TimelineSpider):
    name = "mastodon"
    page_size = PAGE_SIZE

    def read(self, body: bytes) -> Read[tuple[str, RawPost]]:
        return read(body)

    def page(self, ask: Ask, after: str) -> tuple[str, dict[str, Any]]:
        path = f"/api/v1/timelines/tag/{quote(ask.query, safe='')}"
        return path, {"min_id": after, "limit": PAGE_SIZE}

    def id_at(self, instant: datetime) -> str:
        """Ids are milliseconds above 16 random bits (mastodon, lib/mastodon/snowflake.rb)."""
        return str((int(instant.timestamp() * 1000) << 16) - 1)
