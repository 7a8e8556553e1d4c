"""Weibo's hot-search board: a rank and a heat for each title."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from parsel import Selector
from scrapy.http import Response

from crawler.items import Ask, Trouble
from crawler.parsing import count_or_none, each, field, load_json, rough_count
from crawler.spiders.base import Answer
from crawler.spiders.board import BoardSpider, snapshot
from db.core.errors import SourceChanged
from db.core.records import Entry, Snapshot

BOARD = "weibo"
ROW = "#pl_top_realtimehot tbody tr"
OWN = "https://weibo.com"
SUMMARY = "https://s.weibo.com"


def read(body: bytes, board: str, now: datetime) -> Snapshot:
    """The snapshot that an answer of /ajax/side/hotSearch shows."""
    answer = load_json(body, BOARD)
    if not isinstance(answer, dict) or answer.get("ok") != 1:
        raise SourceChanged("weibo: ok: 1 was due; a log-in may be asked for")
    data = field(answer, "data", dict, BOARD)
    entries, _ = each(field(data, "realtime", list, BOARD), _entry)
    return snapshot(board, now, entries)


def _entry(row: dict[str, Any]) -> Entry:
    title = str(row.get("note") or row["word"])
    heat = count_or_none(row.get("num"))
    paid = bool(row.get("is_ad") or row.get("topic_ad"))
    return Entry(title, count_or_none(row.get("realpos")), heat, ranked=not paid and bool(heat))


def read_summary(body: bytes, board: str, now: datetime) -> Snapshot:
    """The snapshot that the page s.weibo.com/top/summary shows."""
    rows = Selector(body.decode("utf-8", "replace"), type="html").css(ROW)
    entries, _ = each(rows, _row)
    return snapshot(board, now, entries)


def _row(row: Selector) -> Entry:
    title = row.css("td.td-02 a::text").get("").strip()
    if not title:
        raise ValueError("a row without a title")
    rank = count_or_none(row.css("td.td-01::text").get("").strip())
    heat = rough_count(row.css("td.td-02 span::text").get())
    # A pinned row has no number, and no heat; a paid one has a bullet for its number.
    return Entry(title, rank, heat, ranked=rank is not None and bool(heat))


class WeiboBoard(BoardSpider):
    name = "weibo_board"
    path = "/ajax/side/hotSearch"
    board = staticmethod(read)

    def name_of(self, ask: Ask) -> str:
        return BOARD

    def refused(self, refusal: Trouble, response: Response, ask: Ask, **kept: Any) -> Answer:
        """Where visitors are turned away, the page of the same board, with the user's cookie."""
        cookie = self.job.secrets.get("weibo_cookie")
        yield refusal
        if cookie and not ask.url:
            request = self.request(
                replace(ask, url=SUMMARY if self.url == OWN else self.url),
                "/top/summary",
                {"cate": "realtimehot"},
                self.parse_summary,
                **kept,
            )
            yield request.replace(headers={"Cookie": cookie})

    def parse_summary(self, response: Response, ask: Ask, number: int) -> Answer:
        yield read_summary(response.body, BOARD, self.answered_at(response))
