"""Weibo's hot-search board: a rank and a heat for each title."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from parsel import Selector
from scrapy.http import Response

from crawler.items import CrawlQuery, Trouble
from crawler.parsing import as_count, each, field, load_json, parse_count
from crawler.spiders.base import SpiderOutput
from crawler.spiders.board import BoardSpider, snapshot
from db.core.errors import SourceChanged
from db.core.records import Snapshot, SnapshotEntry

BOARD = "weibo"
ROW_SELECTOR = "#pl_top_realtimehot tbody tr"
BOARD_URL = "https://weibo.com"
SUMMARY_URL = "https://s.weibo.com"


def read_ajax(body: bytes, board: str, now: datetime) -> Snapshot:
    """Read the snapshot of a response of /ajax/side/hotSearch."""
    answer = load_json(body, BOARD)
    if not isinstance(answer, dict) or answer.get("ok") != 1:
        raise SourceChanged("weibo: ok: 1 was due; a log-in may be asked for")
    data = field(answer, "data", dict, BOARD)
    entries, _ = each(field(data, "realtime", list, BOARD), _entry)
    return snapshot(board, now, entries)


def _entry(row: dict[str, Any]) -> SnapshotEntry:
    title = str(row.get("note") or row["word"])
    heat = as_count(row.get("num"))
    is_paid = bool(row.get("is_ad") or row.get("topic_ad"))
    return SnapshotEntry(
        title, as_count(row.get("realpos")), heat, ranked=not is_paid and bool(heat)
    )


def read_summary(body: bytes, board: str, now: datetime) -> Snapshot:
    """Read the snapshot of the page s.weibo.com/top/summary."""
    rows = Selector(body.decode("utf-8", "replace"), type="html").css(ROW_SELECTOR)
    entries, _ = each(rows, _row)
    return snapshot(board, now, entries)


def _row(row: Selector) -> SnapshotEntry:
    title = row.css("td.td-02 a::text").get("").strip()
    if not title:
        raise ValueError("a row without a title")
    rank = as_count(row.css("td.td-01::text").get("").strip())
    heat = parse_count(row.css("td.td-02 span::text").get())
    # A pinned row has no rank and no heat; a paid one has a bullet for a rank.
    return SnapshotEntry(title, rank, heat, ranked=rank is not None and bool(heat))


class WeiboBoard(BoardSpider):
    name = "weibo_board"
    path = "/ajax/side/hotSearch"
    read_board = staticmethod(read_ajax)

    def board_name(self, query: CrawlQuery) -> str:
        return BOARD

    def handle_refusal(
        self, refusal: Trouble, response: Response, query: CrawlQuery, **arguments: Any
    ) -> SpiderOutput:
        """Report the refusal, and request the page of the board with the user's cookie."""
        cookie = self.job.secrets.get("weibo_cookie")
        yield refusal
        if cookie and not query.url:
            request = self.request(
                replace(query, url=SUMMARY_URL if self.url == BOARD_URL else self.url),
                "/top/summary",
                {"cate": "realtimehot"},
                self.parse_summary,
                **arguments,
            )
            yield request.replace(headers={"Cookie": cookie})

    def parse_summary(self, response: Response, query: CrawlQuery, number: int) -> SpiderOutput:
        yield read_summary(response.body, BOARD, self.answered_at(response))
