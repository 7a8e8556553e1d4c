"""What spiders yield, besides `db.records.Page` and `Snapshot`, and who takes it in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from db.records import NewOutage, Page, Snapshot


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
    """What one status page says."""

    source: str
    outages: tuple[NewOutage, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """One query of one source, and where it stopped: [since, until) is wanted."""

    query: str
    provider: str | None
    since: datetime
    until: datetime
    cursor: str | None = None
    url: str = ""


Item = Page | Snapshot | Outages | Trouble


class Keeper(Protocol):
    """Takes in what spiders yield; the application gives one to each spider."""

    def keep(self, item: Item) -> None:
        """Store an item whole, or raise."""


@dataclass(frozen=True, slots=True)
class Job:
    """A spider's work: what to ask, and who keeps it."""

    asks: tuple[Ask, ...]
    keeper: Keeper
    polls: int = 1
    server_clock: bool = False
