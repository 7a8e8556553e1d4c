"""Sources that show a board: titles in an order, as they stand now."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import ClassVar
from urllib.parse import quote

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask
from crawler.parsing import http_date
from crawler.spiders.base import Answer, SourceSpider
from db.core.errors import SourceChanged
from db.core.records import Entry, Snapshot


class BoardSpider(SourceSpider):
    """Looks at a board as often as the job says; each look is a snapshot."""

    # Where on the server the board is; {query} stands for what is asked.
    path: ClassVar[str]

    @staticmethod
    def board(body: bytes, board: str, now: datetime) -> Snapshot:
        """What an answer shows of a board; it was made at `now`, unless it says when."""
        raise NotImplementedError

    def name_of(self, ask: Ask) -> str:
        """What the board is kept under; a name of a board has no slash."""
        return ask.source.replace("/", ":")

    def first(self, ask: Ask) -> Request:
        return self._poll(ask, 1)

    def _poll(self, ask: Ask, number: int) -> Request:
        path = self.path.format(query=quote(ask.query.strip("/")))
        return self.request(ask, path, {}, self.parse_board, number=number)

    def parse_board(self, response: Response, ask: Ask, number: int) -> Answer:
        yield self.board(response.body, self.name_of(ask), self.answered_at(response))
        yield from self._next(ask, number)

    def _next(self, ask: Ask, number: int) -> Iterator[Request]:
        if number < self.job.polls:
            yield self._poll(ask, number + 1)

    def answered_at(self, response: Response) -> datetime:
        """Now; in a simulation, when the simulated server says that it answers."""
        date = response.headers.get("Date")
        if self.job.server_clock and date:
            return http_date(date)
        return datetime.now(UTC).replace(microsecond=0)


def snapshot(board: str, seen_at: datetime, entries: Iterable[Entry]) -> Snapshot:
    """A look whose entries stand in their order; those that are ranked get the place that the
    answer does not give. Raises SourceChanged where there is no entry at all."""
    places = count(1)
    placed = tuple(
        replace(e, rank=e.rank or next(places)) if e.ranked else replace(e, rank=None)
        for e in entries
    )
    if not placed:
        raise SourceChanged(f"{board}: a board without a readable entry")
    return Snapshot(board, seen_at, placed)
