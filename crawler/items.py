"""Queries, jobs and items of spiders, and the interface of what stores the items."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Any, Protocol

from scrapy.http import Response, TextResponse

from db.core.records import CoveredSpan, NewOutage, Page, Snapshot, Span, VolumePage


class TroubleKind(StrEnum):
    """Kinds of failures of a source; none of them is a count of zero."""

    BLOCKED = "blocked"
    CAPPED = "capped"
    UNREADABLE = "unreadable"
    MOVED = "moved"
    EMPTY = "empty"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be read, where, and why."""

    source: str
    query: str
    kind: TroubleKind
    address: str
    why: str


@dataclass(frozen=True, slots=True)
class Outages:
    """The outages of one status page.

    all_open_of: if set, these include all open outages of that provider; its others have ended.
    """

    source: str
    outages: tuple[NewOutage, ...]
    refused: tuple[str, ...] = ()
    all_open_of: str | None = None


@dataclass(frozen=True, slots=True)
class CrawlQuery:
    """One query of one source for the posts of [since, until).

    source: the key of its posts. providers: whom the query names; none if it returns everything.
    cursor: where the last crawl stopped. url: another address than the source's own.
    """

    source: str
    text: str
    providers: tuple[str, ...]
    since: datetime
    until: datetime
    cursor: str | None = None
    url: str = ""

    def resume_time(self, overlap: timedelta) -> datetime:
        """Return the cursor's time less `overlap`, or the start; at most the end."""
        since = datetime.fromisoformat(self.cursor) - overlap if self.cursor else self.since
        return min(since, self.until)

    def covered(
        self, since: datetime, until: datetime, *, capped: bool = False
    ) -> tuple[CoveredSpan, ...]:
        """Return the coverage of [since, until) for each provider of the query."""
        span = Span(min(since, until), until)
        return tuple(CoveredSpan(span, p, capped=capped) for p in self.providers or (None,))


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """A response as received, stored for a time so that a corrected reader can read it again.

    callback, arguments: the spider's method that read it, and its arguments besides the query.
    form_error: why its form could not be read, if so.
    """

    callback: str
    query: CrawlQuery
    arguments: Mapping[str, Any]
    address: str
    body: bytes
    form_error: str | None
    fetched_at: datetime

    def response(self) -> Response:
        """Rebuild the Scrapy response, dated `fetched_at`."""
        headers = {"Date": format_datetime(self.fetched_at.astimezone(UTC), usegmt=True)}
        return TextResponse(self.address, body=self.body, encoding="utf-8", headers=headers)


@dataclass(frozen=True, slots=True)
class RequestFinished:
    """The last item of a request: all items of its response came before it."""

    acknowledge: Callable[[], None]


SpiderItem = Page | VolumePage | Snapshot | Outages | RecordedResponse | Trouble | RequestFinished


class ItemSink(Protocol):
    """Stores what spiders yield; the application passes one to each spider."""

    def prepare_item(self, item: SpiderItem, /) -> Future[Any] | None:
        """Start the work on an item that can precede its storage; None if there is none."""

    def store_item(self, item: SpiderItem, preparation: Future[Any] | None = None, /) -> None:
        """Store an item completely, or raise. preparation: of `prepare_item`, done by now."""


class SharedFrontier(Protocol):
    """The part of a frontier that spiders use; see crawler/frontier.py."""

    def finish(self, source: str, flight: str) -> None:
        """Mark a request as done: its response is read and stored."""

    async def wait_for_turn(self, host: str, pause: float) -> None:
        """Wait for this crawler's turn to send a request to a host."""

    def delay_host(self, host: str, seconds: float) -> None:
        """Keep all crawlers from a host for some seconds."""


@dataclass(frozen=True, slots=True)
class SpiderJob:
    """A spider's work.

    polls: number of snapshots of a board. server_clock: date them by the server's clock.
    control: a query of a common word, which must find something before any other is sent.
    secrets: the user's own keys, by name. is_own_server: it belongs to the user, so robots.txt does
    not apply. is_relevant: whether a stream's text is stored. user_agent: of a stream.
    is_named_by_user: the address may be a private one. filled: fields that most posts of a page
    must have. source: key of the source. frontier: shared with other crawlers. is_leader: whether
    this crawler puts in the first requests.
    """

    queries: tuple[CrawlQuery, ...]
    sink: ItemSink
    polls: int = 1
    server_clock: bool = False
    control: CrawlQuery | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_own_server: bool = False
    is_relevant: Callable[[str], bool] = lambda _: True
    user_agent: str = ""
    is_named_by_user: bool = False
    filled: tuple[str, ...] = ()
    source: str = ""
    frontier: SharedFrontier | None = None
    is_leader: bool = True
