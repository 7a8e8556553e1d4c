"""Immutable records that crawler, store and application pass to each other."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span that ends before it starts: {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class RawPost:
    """One public message as its source gave it; `author` is the account's name."""

    external_id: str
    created_at: datetime
    text: str
    url: str | None = None
    author: str | None = None
    lang: str | None = None
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    reply_to: str | None = None

    def __post_init__(self) -> None:
        # Some sources send null or a number for a text.
        if not isinstance(self.text, str):
            raise TypeError(f"a text was due, {type(self.text).__name__} came")


@dataclass(frozen=True, slots=True)
class NewMention:
    provider: str
    role: str


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post ready to be stored: text cleaned, author a pseudonym, providers matched."""

    external_id: str
    created_at: datetime
    text: str
    lang: str
    fingerprint: int
    author: str | None = None
    url: str | None = None
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    reply_to: str | None = None
    mentions: tuple[NewMention, ...] = ()


@dataclass(frozen=True, slots=True)
class CoveredSpan:
    """A span that one query of one source has read."""

    span: Span
    provider: str | None = None
    capped: bool = False
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query: posts, the next cursor, and the spans that they cover. deleted: ids of
    posts that the source says are deleted."""

    source: str
    query: str
    posts: tuple[RawPost, ...] = ()
    cursor: str | None = None
    covered: tuple[CoveredSpan, ...] = ()
    refused: tuple[str, ...] = field(default=())
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewVolume:
    """Another's count in [start, start + minutes); norm: the total it is a part of, if known."""

    start: datetime
    minutes: int
    value: float
    norm: float | None = None

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class VolumePage:
    """One page of another's counts on one provider, and the next cursor."""

    source: str
    query: str
    provider: str
    points: tuple[NewVolume, ...]
    cursor: str | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """A title on a board; `ranked` is false for pinned and paid ones."""

    title: str
    rank: int | None
    heat: int | None
    ranked: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at a board, entries in the order shown."""

    board: str
    seen_at: datetime
    entries: tuple[SnapshotEntry, ...]

    @property
    def digest(self) -> int:
        """A signed 64-bit hash of the entries."""
        content = repr([(e.title, e.rank, e.heat, e.ranked) for e in self.entries]).encode()
        return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)

    @property
    def floor_heat(self) -> int | None:
        """Heat of the last ranked entry: a title that is absent had less."""
        heats = [entry.heat for entry in self.entries if entry.ranked and entry.heat]
        return min(heats, default=None)


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """When a title was first seen on a board that day."""

    board: str
    seen_at: datetime
    title: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class NewOutage:
    """An outage as read; `provider` is a key of the catalogue."""

    provider: str
    start: datetime
    end: datetime | None
    kind: str
    title: str
    origin: str
    external_id: str
    url: str | None = None
    confirmed: bool = True
    rounded_minutes: int = 0
    read_at: str | None = None
    components: tuple[str, ...] = ()
