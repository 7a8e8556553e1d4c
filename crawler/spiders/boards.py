"""Boards of other places: Bilibili and Tieba directly, the rest through a server of one's own."""

from calendar import timegm
from datetime import datetime
from time import struct_time
from typing import Any

from crawler.parsing import count_or_none, each, field, instant, load_json
from crawler.spiders.board import BoardSpider, snapshot
from crawler.syndication import document
from db.core.errors import SourceChanged
from db.core.records import Entry, Snapshot

MOST_WORDS = 30


def read_words(body: bytes, board: str, now: datetime) -> Snapshot:
    """Bilibili's hot words, as /main/hotword gives them."""
    rows = field(load_json(body, board), "list", list, board)
    return snapshot(board, now, each(rows, _word)[0])


def _word(row: dict[str, Any]) -> Entry:
    sold = str((row.get("stat_datas") or {}).get("is_commercial", "0")) == "1"
    title = str(row.get("show_name") or row["keyword"])
    heat = count_or_none(row.get("heat_score")) or None
    return Entry(title, count_or_none(row.get("pos")), heat, ranked=not sold)


def read_popular(body: bytes, board: str, now: datetime) -> Snapshot:
    """Bilibili's popular videos: their views add up over days, so they are no heat."""
    data = field(load_json(body, board), "data", dict, board)
    return snapshot(board, now, each(field(data, "list", list, board), _titled)[0])


def read_tieba(body: bytes, board: str, now: datetime) -> Snapshot:
    """Tieba's hot topics, as /hottopic/browse/topicList gives them."""
    data = field(load_json(body, board), "data", dict, board)
    rows = field(field(data, "bang_topic", dict, board), "topic_list", list, board)
    return snapshot(board, now, each(rows, _topic)[0])


def _topic(row: dict[str, Any]) -> Entry:
    return Entry(_text(row["topic_name"]), None, count_or_none(row.get("discuss_num")), ranked=True)


def read_dailyhot(body: bytes, board: str, now: datetime) -> Snapshot:
    """A board as a DailyHot API server gives it, dated when that server looked."""
    answer = load_json(body, board)
    if not isinstance(answer, dict) or answer.get("code") != 200:
        raise SourceChanged(f"{board}: code 200 was due, {str(_said(answer))[:80]!r} came")
    rows = field(answer, "data", list, board)
    return snapshot(board, _looked(answer.get("updateTime"), now), each(rows, _titled)[0])


def read_newsnow(body: bytes, board: str, now: datetime) -> Snapshot:
    """A board as a newsnow server gives it, dated when that server looked."""
    answer = load_json(body, board)
    rows = field(answer, "items", list, board)
    return snapshot(board, _looked(answer.get("updatedTime"), now), each(rows, _titled)[0])


def _titled(row: dict[str, Any]) -> Entry:
    return Entry(_text(row["title"]), None, count_or_none(row.get("hot")) or None, ranked=True)


def read_rsshub(body: bytes, board: str, now: datetime) -> Snapshot:
    """A board as an RSSHub server gives it: a feed in the board's order."""
    parsed = document(body, board, sanitize=True)
    built = parsed.feed.get("updated_parsed")
    seconds = timegm(built) if isinstance(built, struct_time) else None
    return snapshot(board, _looked(seconds, now), each(parsed.entries, _titled)[0])


def _looked(value: Any, now: datetime) -> datetime:
    """When a server looked at the board, which it then gives for a while: ISO 8601, or seconds or
    milliseconds since 1970. What can't be is taken for now."""
    if isinstance(value, int | float) and value > 10**11:
        value /= 1000
    try:
        return min(instant(value), now).replace(microsecond=0)
    except (ValueError, OverflowError):
        return now


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("an entry without a title")
    return value.strip()


def _said(answer: Any) -> Any:
    return answer.get("message", answer.get("code")) if isinstance(answer, dict) else answer


class BilibiliWords(BoardSpider):
    name = "bilibili_words"
    path = f"/main/hotword?limit={MOST_WORDS}"
    board = staticmethod(read_words)


class BilibiliPopular(BoardSpider):
    name = "bilibili_popular"
    path = "/x/web-interface/popular"
    board = staticmethod(read_popular)


class TiebaBoard(BoardSpider):
    name = "tieba_board"
    path = "/hottopic/browse/topicList"
    board = staticmethod(read_tieba)


class DailyHot(BoardSpider):
    name = "dailyhot"
    path = "/{query}"
    board = staticmethod(read_dailyhot)


class NewsNow(BoardSpider):
    name = "newsnow"
    path = "/api/s?id={query}"
    board = staticmethod(read_newsnow)


class RssHub(BoardSpider):
    name = "rsshub"
    path = "/{query}"
    board = staticmethod(read_rsshub)
