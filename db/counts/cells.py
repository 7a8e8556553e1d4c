"""Tallies of hourly cells, cached from page to page so that no cell's posts are read again."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from db.core import metadata
from db.counts.voices import Voices

HOUR = timedelta(hours=1)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
# The numbers in a row of `HourlyCount`.
COUNT_COLUMNS = ("posts", "texts", "authors", "voices", "engagement")
# The metadata entry that changes with each count; more remembered posts clear the cache.
MARK_KEY, MAX_REMEMBERED_POSTS = "counts.mark", 300_000

# Provider id, source, hour.
HourCell = tuple[int, str, datetime]
# A post that counts in a cell: its time, external id, fingerprint, author, engagement.
CountedPost = tuple[datetime, str, int, str | None, int]


def hour_of(instant: datetime) -> datetime:
    """Return the first instant of the clock hour that contains `instant`."""
    return instant.replace(minute=0, second=0, microsecond=0)


def hours_of(instants: Iterable[datetime]) -> Iterator[datetime]:
    """Yield `hour_of` each; consecutive equal hours are one object, which is hashed faster."""
    hour = end = EARLIEST
    for at in instants:
        if not hour <= at < end:
            hour = hour_of(at)
            end = hour + HOUR
        yield hour


def first_full_hour(since: datetime) -> datetime:
    """Return the start of the first clock hour that lies wholly after `since`."""
    return hour_of(since) + HOUR


@dataclass(slots=True)
class Tally:
    """A cell's counts, and the texts and authors that were seen in it."""

    posts: int = 0
    engagement: int = 0
    seen: Voices = field(default_factory=Voices)
    voices: int = 0
    last: tuple[datetime, str] = (EARLIEST, "")

    def add(self, posts: Sequence[CountedPost]) -> bool:
        """Add posts; return False, and add none, if one is earlier than those that were added:
        voices depend on the order."""
        posts = sorted(posts)
        if posts[0][:2] <= self.last:
            return False
        for _, _, fingerprint, author, engagement in posts:
            self.engagement += engagement
            self.voices += self.seen.add(fingerprint, author)
        self.posts += len(posts)
        self.last = posts[-1][:2]
        return True

    def counts(self) -> tuple[int, ...]:
        """Return the counts, in the order of COUNT_COLUMNS."""
        texts, authors = len(self.seen.texts), len(self.seen.authors)
        return self.posts, texts, authors, self.voices, self.engagement


def mark(connection: Connection) -> str | None:
    """Return the mark, which changes whenever posts with mentions are added, changed or deleted."""
    return metadata.read(connection, MARK_KEY)


@dataclass(slots=True)
class TallyCache:
    """A connection's tallies, valid as long as no other connection counts.

    `mark` is the one that it wrote when it counted last.
    """

    by_cell: dict[HourCell, Tally] = field(default_factory=dict)
    remembered_posts: int = 0
    mark: str = ""

    def write_mark(self, connection: Connection) -> None:
        """Write a new random mark before counting. If the transaction is rolled back, so is the
        mark, and the cache is cleared at its next use."""
        self.mark = secrets.token_hex(8)
        metadata.write(connection, MARK_KEY, self.mark)

    def remember(self, posts: int) -> None:
        """Add to the number of remembered posts; clear the cache if they are too many."""
        self.remembered_posts += posts
        if self.remembered_posts > MAX_REMEMBERED_POSTS:
            self.clear()

    def clear(self) -> None:
        """Forget every tally."""
        self.by_cell.clear()
        self.remembered_posts = 0


def tally_cache(connection: Connection) -> TallyCache:
    """Return the connection's cache, empty if another connection has counted since, or if its own
    last count was rolled back."""
    cache: TallyCache = connection.info.setdefault("tallies", TallyCache())
    if cache.mark != mark(connection):
        cache.clear()
    return cache
