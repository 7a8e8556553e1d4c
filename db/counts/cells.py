"""What cells hold, remembered from page to page: none is read again to count one post more."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from db.core.models import Fact
from db.core.upsert import upsert
from db.counts.voices import Voices

HOUR = timedelta(hours=1)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
# What a count keeps of its posts.
KEPT = ("posts", "texts", "authors", "voices", "engagement")
# What tells whether somebody else has counted, and how many posts are remembered.
MARK, MOST_HELD = "counts.mark", 300_000

Cell = tuple[int, str, datetime]
# A post that counts in a cell: when it was made, its source's id, fingerprint, author, engagement.
Arrived = tuple[datetime, str, int, str | None, int]


def hour_of(instant: datetime) -> datetime:
    """The first instant of the clock hour that holds `instant`."""
    return instant.replace(minute=0, second=0, microsecond=0)


def hours_of(instants: Iterable[datetime]) -> Iterator[datetime]:
    """`hour_of` each; one object for those of a run, which is worked out and hashed but once."""
    hour = end = EARLIEST
    for at in instants:
        if not hour <= at < end:
            hour = hour_of(at)
            end = hour + HOUR
        yield hour


def whole_hour(since: datetime) -> datetime:
    """The first instant of the first clock hour of which all lies after `since`."""
    return hour_of(since) + HOUR


@dataclass(slots=True)
class Tally:
    """What a cell's posts come to, and what tells whether the next one is new to it."""

    posts: int = 0
    engagement: int = 0
    heard: Voices = field(default_factory=Voices)
    voices: int = 0
    last: tuple[datetime, str] = (EARLIEST, "")

    def grow(self, posts: Sequence[Arrived]) -> bool:
        """Add posts; False, and nothing is added, where one belongs before what is here: voices
        are told by their order."""
        posts = sorted(posts)
        if posts[0][:2] <= self.last:
            return False
        for _, _, fingerprint, author, engagement in posts:
            self.engagement += engagement
            self.voices += self.heard.new(fingerprint, author)
        self.posts += len(posts)
        self.last = posts[-1][:2]
        return True

    def row(self) -> tuple[int, ...]:
        """What it comes to, in the order of KEPT."""
        texts, authors = len(self.heard.texts), len(self.heard.authors)
        return self.posts, texts, authors, self.voices, self.engagement


def mark(connection: Connection) -> str | None:
    """What changes whenever posts that name somebody come, change or go."""
    return connection.execute(select(Fact.value).where(Fact.name == MARK)).scalar()


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
    if tallies.mark != mark(connection):
        tallies.forget()
    return tallies
