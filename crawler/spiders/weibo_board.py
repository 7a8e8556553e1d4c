"""Weibo's hot-search board: a rank and a heat for each title, as it stands now."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask
from crawler.reading import count_or_none, each, field, load_json
from crawler.spiders.base import Answer, SourceSpider
from db.errors import SourceChanged
from db.records import Entry, Snapshot

BOARD = "weibo"


def read(body: bytes, seen_at: datetime) -> Snapshot:
    """The snapshot that an answer of /ajax/side/hotSearch shows."""
    answer = load_json(body, BOARD)
    if not isinstance(answer, dict) or answer.get("ok") != 1:
        raise SourceChanged("weibo: ok: 1 was due; a log-in may be asked for")
    data = field(answer, "data", dict, BOARD)
    entries, _ = each(field(data, "realtime", list, BOARD), _entry)
    if not entries:
        raise SourceChanged("weibo: a board without a readable entry")
    return Snapshot(BOARD, seen_at, _ranked(entries))


def _entry(row: dict[str, Any]) -> Entry:
    title = str(row.get("note") or row["word"])
    heat = count_or_none(row.get("num"))
    paid = bool(row.get("is_ad") or row.get("topic_ad"))
    return Entry(title, count_or_none(row.get("realpos")), heat, ranked=not paid and bool(heat))


def _ranked(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Entries with their place among the ranked, where the answer does not give it."""
    places = count(1)
    return tuple(
        replace(e, rank=e.rank or next(places)) if e.ranked else replace(e, rank=None)
        for e in entries
    )


class WeiboBoard(SourceSpider):
    name = "weibo_board"

    def first(self, ask: Ask) -> Request:
        return self._poll(ask, 1)

    def _poll(self, ask: Ask, number: int) -> Request:
        return self.request(ask, "/ajax/side/hotSearch", {}, self.parse_board, number=number)

    def parse_board(self, response: Response, ask: Ask, number: int) -> Answer:
        yield read(response.body, self._seen_at(response))
        yield from self._again(ask, number)

    def _again(self, ask: Ask, number: int) -> Iterator[Request]:
        if number < self.job.polls:
            yield self._poll(ask, number + 1)

    def _seen_at(self, response: Response) -> datetime:
        """Now; in a simulation, when the simulated server says that it answers."""
        date = response.headers.get("Date")
        if self.job.server_clock and date:
            return parsedate_to_datetime(date.decode("latin-1")).astimezone(UTC)
        return datetime.now(UTC).replace(microsecond=0)
