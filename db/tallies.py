"""What cells hold, remembered from page to page: none is read again to count one post more."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from db.models import Fact
from db.upsert import upsert
from db.voices import Voices

HOUR = timedelta(hours=1)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
# What tells whether somebody else has counted, and how many posts are remembered.
MARK, MOST_HELD = "counts.mark", 300_000

Cell = tuple[int, str, datetime]


def hour_of(instant: datetime) -> datetime:
    """The first instant of the clock hour that holds `instant`."""
    return instant.replace(minute=0, second=0, microsecond=0)


def whole_hour(since: datetime) -> datetime:
    """The first instant of the first clock hour of which all lies after `since`."""
    return hour_of(since) + HOUR


class Arrived(NamedTuple):
    """A post that names a provider as the subject."""

    provider: int
    source: str
    at: datetime
    external_id: str
    fingerprint: int
    author: str | None
    engagement: int


@dataclass(slots=True)
class Tally:
    """What a cell's posts come to, and what tells whether the next one is new to it."""

    posts: int = 0
    engagement: int = 0
    texts: set[int] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)
    heard: Voices = field(default_factory=Voices)
    voices: int = 0
    last: tuple[datetime, str] = (EARLIEST, "")

    def grow(self, posts: Sequence[Arrived]) -> bool:
        """Add posts; False, and nothing is added, where one belongs before what is here: voices
        are told by their order."""
        posts = sorted(posts, key=_place)
        if _place(posts[0]) <= self.last:
            return False
        for post in posts:
            self._add(post.fingerprint, post.author, post.engagement)
        self.last = _place(posts[-1])
        return True

    def _add(self, fingerprint: int, author: str | None, engagement: int) -> None:
        self.posts += 1
        self.engagement += engagement
        self.texts.add(fingerprint)
        self.voices += self.heard.new(fingerprint, author)
        if author is not None:
            self.authors.add(author)

    def row(self) -> dict[str, int]:
        return {
            "posts": self.posts,
            "texts": len(self.texts),
            "authors": len(self.authors),
            "voices": self.voices,
            "engagement": self.engagement,
        }


def _place(post: Arrived) -> tuple[datetime, str]:
    return post.at, post.external_id


@dataclass(slots=True)
class Tallies:
    """What this connection knows of cells, as long as nobody else has counted: `mark` is what it
    left in the store when it counted last."""

    known: dict[Cell, Tally] = field(default_factory=dict)
    held: int = 0
    mark: str = ""

    def settle(self, connection: Connection) -> None:
        """Leave a mark that nobody else can leave, before anything is counted: where that is never
        committed, the mark is not there the next time, and nothing is believed."""
        self.mark = secrets.token_hex(8)
        upsert(connection, Fact, [{"name": MARK, "value": self.mark}], ["name"], update=["value"])

    def remember(self, posts: int) -> None:
        """So many posts more are remembered; all are forgotten once they are too many."""
        self.held += posts
        if self.held > MOST_HELD:
            self.forget()

    def forget(self) -> None:
        self.known.clear()
        self.held = 0


def tallies_of(connection: Connection) -> Tallies:
    """What is known on this connection; nothing where another has counted since, or where what was
    counted was never committed."""
    tallies: Tallies = connection.info.setdefault("tallies", Tallies())
    mark = connection.execute(select(Fact.value).where(Fact.name == MARK)).scalar()
    if tallies.mark != mark:
        tallies.forget()
    return tallies
