"""What spiders yield, besides `db.core.records.Page` and `Snapshot`, and who takes it in."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Any, Protocol

from scrapy.http import Response, TextResponse

from db.core.records import Covered, NewOutage, Page, Snapshot, Span, VolumePage


class Kind(StrEnum):
    """Ways in which a source gives nothing; none of them is a count of zero."""

    BLOCKED = "blocked"
    CAPPED = "capped"
    UNREADABLE = "unreadable"
    MOVED = "moved"
    EMPTY = "empty"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be had, where, and why."""

    source: str
    query: str
    kind: Kind
    address: str
    why: str


@dataclass(frozen=True, slots=True)
class Outages:
    """What one status page says. open_of: the provider all of whose outages that go on these are;
    whatever else of it was going on has ended by now."""

    source: str
    outages: tuple[NewOutage, ...]
    refused: tuple[str, ...] = ()
    open_of: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One query of one source, and where it stopped: [since, until) is wanted.

    source: what its posts are kept under. providers: whose posts the query finds; none where it
    finds everything that the source holds. url: the source's own address where it is empty.
    """

    source: str
    query: str
    providers: tuple[str, ...]
    since: datetime
    until: datetime
    cursor: str | None = None
    url: str = ""

    def covered(
        self, since: datetime, until: datetime, *, capped: bool = False
    ) -> tuple[Covered, ...]:
        """That [since, until) was read, for each provider asked for."""
        span = Span(min(since, until), until)
        return tuple(Covered(span, p, capped=capped) for p in self.providers or (None,))


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer as it came, to be kept for a time, so that a mended reader can read it again.

    callback, kept: the spider's method that read it and what it was told beside the ask.
    changed: what was wrong with its form, if anything. at: when it came.
    """

    callback: str
    ask: Ask
    kept: Mapping[str, Any]
    address: str
    body: bytes
    changed: str | None
    at: datetime

    def response(self) -> Response:
        """The answer as a spider takes it, dated when it came."""
        headers = {"Date": format_datetime(self.at.astimezone(UTC), usegmt=True)}
        return TextResponse(self.address, body=self.body, encoding="utf-8", headers=headers)


@dataclass(frozen=True, slots=True)
class Left:
    """The last thing that comes of a request: all that its answer held was handed over before."""

    done: Callable[[], None]


Item = Page | VolumePage | Snapshot | Outages | Asked | Trouble | Left


class Keeper(Protocol):
    """Takes in what spiders yield; the application gives one to each spider."""

    def begin_item(self, item: Item, /) -> Future[Any] | None:
        """Begin what can be done for an item before its turn to be kept comes, if anything."""

    def keep(self, item: Item, begun: Future[Any] | None = None, /) -> None:
        """Store an item whole, or raise. begun: what `begin_item` gave for it, done by now."""


class SharedFrontier(Protocol):
    """What spiders need of a frontier that several crawlers share; see crawler/frontier.py."""

    def done(self, source: str, flight: str) -> None:
        """Say that the answer to a request is read and stored."""

    async def turn(self, host: str, pause: float) -> None:
        """Wait for this crawler's turn at a host."""

    def hold(self, host: str, seconds: float) -> None:
        """Leave a host alone for so long, whoever crawls."""


@dataclass(frozen=True, slots=True)
class Job:
    """A spider's work: what to ask, and who keeps it. control: a query of a common word,
    which must find something before anything else is asked. secrets: the user's own keys, by name.
    own: the server is the user's own, whose rules for visitors are not meant for its owner. filled:
    fields that most posts of a page must have. relevant, user_agent: of a stream that is listened
    to, whether a text is to be kept, and who we say we are. named: the user said where its
    server is, so it may be a private address. source: the key of what is crawled. frontier: where
    requests lie that several crawlers share. leads: whether this one puts them in.
    """

    asks: tuple[Ask, ...]
    keeper: Keeper
    polls: int = 1
    server_clock: bool = False
    control: Ask | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    own: bool = False
    relevant: Callable[[str], bool] = lambda _: True
    user_agent: str = ""
    named: bool = False
    filled: tuple[str, ...] = ()
    source: str = ""
    frontier: SharedFrontier | None = None
    leads: bool = True
