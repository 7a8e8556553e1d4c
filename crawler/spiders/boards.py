"""Boards of Bilibili and Tieba, and of others through a server of the user's own."""

from calendar import timegm
from datetime import datetime
from time import struct_time
from typing import Any

from crawler.parsing import as_count, each, field, load_json, parse_time
from crawler.spiders.board import BoardSpider, snapshot
from crawler.syndication import parse_feed
from db.core.errors import SourceChanged
from db.core.records import Snapshot, SnapshotEntry

MAX_WORDS = 30


def read_hot_words(body: bytes, board: str, now: datetime) -> Snapshot:
    """Read Bilibili's hot words, from /main/hotword."""
    rows = field(load_json(body, board), "list", list, board)
    return snapshot(board, now, each(rows, _hot_word)[0])


def _hot_word(row: dict[str, Any]) -> SnapshotEntry:
    is_paid = str((row.get("stat_datas") or {}).get("is_commercial", "0")) == "1"
    title = str(row.get("show_name") or row["keyword"])
    heat = as_count(row.get("heat_score")) or None
    return SnapshotEntry(title, as_count(row.get("pos")), heat, ranked=not is_paid)


def read_popular(body: bytes, board: str, now: datetime) -> Snapshot:
    """Read Bilibili's popular videos, whose views are no heat: they add up over days."""
    data = field(load_json(body, board), "data", dict, board)
    return snapshot(board, now, each(field(data, "list", list, board), _titled_entry)[0])


def read_tieba(body: bytes, board: str, now: datetime) -> Snapshot:
    """Read Tieba's hot topics, from /hottopic/browse/topicList."""
    data = field(load_json(body, board), "data", dict, board)
    rows = field(field(data, "bang_topic", dict, board), "topic_list", list, board)
    return snapshot(board, now, each(rows, _topic)[0])


def _topic(row: dict[str, Any]) -> SnapshotEntry:
    return SnapshotEntry(
        _required_text(row["topic_name"]), None, as_count(row.get("discuss_num")), ranked=True
    )


def read_dailyhot(body: bytes, board: str, now: datetime) -> Snapshot:
    """Read a board of a DailyHot API server, dated when that server read it."""
    answer = load_json(body, board)
    if not isinstance(answer, dict) or answer.get("code") != 200:
        said = answer.get("message", answer.get("code")) if isinstance(answer, dict) else answer
        raise SourceChanged(f"{board}: code 200 was due, {str(said)[:80]!r} came")
    rows = field(answer, "data", list, board)
    return snapshot(board, _updated_at(answer.get("updateTime"), now), each(rows, _titled_entry)[0])


def read_newsnow(body: bytes, board: str, now: datetime) -> Snapshot:
    """Read a board of a newsnow server, dated when that server read it."""
    answer = load_json(body, board)
    rows = field(answer, "items", list, board)
    return snapshot(
        board, _updated_at(answer.get("updatedTime"), now), each(rows, _titled_entry)[0]
    )


def _titled_entry(row: dict[str, Any]) -> SnapshotEntry:
    return SnapshotEntry(
        _required_text(row["title"]), None, as_count(row.get("hot")) or None, ranked=True
    )


def read_rsshub(body: bytes, board: str, now: datetime) -> Snapshot:
    """Read a board of an RSSHub server: a feed in the board's order."""
    parsed = parse_feed(body, board, sanitize=True)
    built = parsed.feed.get("updated_parsed")
    seconds = timegm(built) if isinstance(built, struct_time) else None
    return snapshot(board, _updated_at(seconds, now), each(parsed.entries, _titled_entry)[0])


def _updated_at(value: Any, now: datetime) -> datetime:
    """When a server last read the board: ISO 8601, or seconds or milliseconds since 1970; `now` if
    that is invalid or in the future."""
    if isinstance(value, int | float) and value > 10**11:
        value /= 1000
    try:
        return min(parse_time(value), now).replace(microsecond=0)
    except (ValueError, OverflowError):
        return now


def _required_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("an entry without a title")
    return value.strip()


class BilibiliWords(BoardSpider):
    name = "bilibili_words"
    path = f"/main/hotword?limit={MAX_WORDS}"
    read_board = staticmethod(read_hot_words)


class BilibiliPopular(BoardSpider):
    name = "bilibili_popular"
    path = "/x/web-interface/popular"
    read_board = staticmethod(read_popular)


class TiebaBoard(BoardSpider):
    name = "tieba_board"
    path = "/hottopic/browse/topicList"
    read_board = staticmethod(read_tieba)


class DailyHot(BoardSpider):
    name = "dailyhot"
    path = "/{query}"
    read_board = staticmethod(read_dailyhot)


class NewsNow(BoardSpider):
    name = "newsnow"
    path = "/api/s?id={query}"
    read_board = staticmethod(read_newsnow)


class RssHub(BoardSpider):
    name = "rsshub"
    path = "/{query}"
    read_board = staticmethod(read_rsshub)
