"""The base of sources that show a board: titles in their present order."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import ClassVar
from urllib.parse import quote

from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery
from crawler.parsing import parse_http_date
from crawler.spiders.base import SourceSpider, SpiderOutput
from db.core.errors import SourceChanged
from db.core.records import Snapshot, SnapshotEntry


class BoardSpider(SourceSpider):
    """Takes as many snapshots of a board as the job says."""

    # Path of the board; {query} is replaced by the query's text.
    path: ClassVar[str]

    @staticmethod
    def read_board(body: bytes, board: str, now: datetime) -> Snapshot:
        """Read a snapshot of `board`, taken at `now` unless the response names its time."""
        raise NotImplementedError

    def board_name(self, query: CrawlQuery) -> str:
        """Return the key of the board, which has no slash."""
        return query.source.replace("/", ":")

    def first_request(self, query: CrawlQuery) -> Request:
        return self._poll(query, 1)

    def _poll(self, query: CrawlQuery, number: int) -> Request:
        path = self.path.format(query=quote(query.text.strip("/")))
        return self.request(query, path, {}, self.parse_board, number=number)

    def parse_board(self, response: Response, query: CrawlQuery, number: int) -> SpiderOutput:
        yield self.read_board(response.body, self.board_name(query), self.answered_at(response))
        yield from self._next(query, number)

    def _next(self, query: CrawlQuery, number: int) -> Iterator[Request]:
        if number < self.job.polls:
            yield self._poll(query, number + 1)

    def answered_at(self, response: Response) -> datetime:
        """Return the present time; in a simulation, the time of the simulated server."""
        date = response.headers.get("Date")
        if self.job.server_clock and date:
            return parse_http_date(date)
        return datetime.now(UTC).replace(microsecond=0)


def snapshot(board: str, seen_at: datetime, entries: Iterable[SnapshotEntry]) -> Snapshot:
    """Make a snapshot of entries in their order, and number the ranked ones without a rank.

    Raises SourceChanged if there are no entries.
    """
    ranks = count(1)
    ranked = tuple(
        replace(e, rank=e.rank or next(ranks)) if e.ranked else replace(e, rank=None)
        for e in entries
    )
    if not ranked:
        raise SourceChanged(f"{board}: a board without a readable entry")
    return Snapshot(board, seen_at, ranked)
