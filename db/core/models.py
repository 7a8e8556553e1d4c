"""The tables. Times are UTC; texts are Unicode that UTF-8 can carry."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
    and_,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.core.types import UtcTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


# A thousand million posts a year overflow 32 bits; SQLite's integer ids have 64 anyway.
BigId = Annotated[int, mapped_column(BigInteger().with_variant(Integer(), "sqlite"))]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcTime}  # noqa: RUF012 - SQLAlchemy reads it as declared


class Provider(Base):
    """Whoever runs a service that can fail."""

    __tablename__ = "providers"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name_en: Mapped[str]
    name_zh: Mapped[str]


class Alias(Base):
    """One name of a provider; `weak` names count only with context."""

    __tablename__ = "aliases"
    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    text: Mapped[str]
    weak: Mapped[bool]
    __table_args__ = (UniqueConstraint("provider_id", "text"),)


class Outage(Base):
    """A service failing or in maintenance, and the origin of that knowledge.

    `origin` is ledger, statuspage, file, manual, board or burst. `end` is null while it goes on.
    `external_id` names it within its origin. Unconfirmed outages are not measured.
    `rounded_minutes` is how coarse the stated times are (0: to the minute).
    `components` is a JSON list of names.
    """

    __tablename__ = "outages"
    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), index=True)
    start: Mapped[datetime] = mapped_column(index=True)
    end: Mapped[datetime | None]
    kind: Mapped[str]
    title: Mapped[str]
    url: Mapped[str | None]
    origin: Mapped[str]
    external_id: Mapped[str]
    confirmed: Mapped[bool]
    rounded_minutes: Mapped[int]
    read_at: Mapped[str | None]
    components: Mapped[str] = mapped_column(server_default="[]")
    __table_args__ = (
        UniqueConstraint("origin", "external_id"),
        CheckConstraint("kind in ('outage', 'degraded', 'maintenance')", name="kind"),
        CheckConstraint('"end" is null or "end" >= start', name="order"),
    )


class Post(Base):
    """One public message. `author` is a pseudonym; near-copies share a `fingerprint`.

    PostgreSQL partitions it by month (db/core/partitions.py): there its primary key and its unique
    constraint also hold `created_at`, and no foreign key refers to it.
    """

    __tablename__ = "posts"
    id: Mapped[BigId] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    created_at: Mapped[datetime]
    text: Mapped[str]
    lang: Mapped[str]
    author: Mapped[str | None]
    url: Mapped[str | None]
    reply_to: Mapped[str | None]
    likes: Mapped[int | None] = mapped_column(BigInteger)
    reposts: Mapped[int | None] = mapped_column(BigInteger)
    replies: Mapped[int | None] = mapped_column(BigInteger)
    fingerprint: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index(None, "source", "created_at"),
    )


class Mention(Base):
    """A post that names a provider, as the subject or as an alternative to it."""

    __tablename__ = "mentions"
    post_id: Mapped[BigId] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), primary_key=True)
    role: Mapped[str]
    # Copies of the post's, so that counting mentions in a window reads one index.
    source: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "provider_id", "source", "created_at"),
        CheckConstraint("role in ('subject', 'alternative')", name="role"),
    )


# Joins a mention's post. The equal time tells PostgreSQL which partition holds it.
POST_OF_MENTION = and_(Post.id == Mention.post_id, Post.created_at == Mention.created_at)


class BoardTitle(Base):
    """A title that was on a board, usually in dozens of snapshots."""

    __tablename__ = "board_titles"
    id: Mapped[int] = mapped_column(primary_key=True)
    board: Mapped[str]
    title: Mapped[str]
    __table_args__ = (UniqueConstraint("board", "title"),)


class BoardSnapshot(Base):
    """One look at a board; `digest` distinguishes two looks of the same time.

    `floor_heat` is the heat of the last ranked entry: a title that is absent had less.
    """

    __tablename__ = "board_snapshots"
    id: Mapped[int] = mapped_column(primary_key=True)
    board: Mapped[str]
    seen_at: Mapped[datetime]
    digest: Mapped[int] = mapped_column(BigInteger)
    floor_heat: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (UniqueConstraint("board", "seen_at", "digest"),)


class BoardEntry(Base):
    """A title in a snapshot. `ranked` is false for pinned and paid entries."""

    __tablename__ = "board_entries"
    snapshot_id: Mapped[int] = mapped_column(
        ForeignKey("board_snapshots.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("board_titles.id"), index=True)
    rank: Mapped[int | None]
    heat: Mapped[int | None] = mapped_column(BigInteger)
    ranked: Mapped[bool]


class BoardFirst(Base):
    """When a title was first seen on a board that day; archives of boards often have only this."""

    __tablename__ = "board_firsts"
    title_id: Mapped[int] = mapped_column(ForeignKey("board_titles.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(primary_key=True)
    rank: Mapped[int | None]


class Volume(Base):
    """Another's count on a provider in [start, start + minutes): page views, articles. `norm`: the
    total that it is a part of."""

    __tablename__ = "volumes"
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    minutes: Mapped[int]
    value: Mapped[float]
    norm: Mapped[float | None]


class CoverageSpan(Base):
    """A span of time in which a source's query was read, completely or up to a cap.

    No provider means every provider that posts of this source may name.
    """

    __tablename__ = "coverage_spans"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    query: Mapped[str]
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    capped: Mapped[bool]
    assumed: Mapped[bool]
    __table_args__ = (
        Index(None, "source", "provider_id", "start"),
        CheckConstraint('"end" > start', name="order"),
    )


class Cursor(Base):
    """Where a spider stopped reading a query."""

    __tablename__ = "cursors"
    source: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    updated_at: Mapped[datetime]


class MetadataEntry(Base):
    """A named value that describes the store as a whole."""

    __tablename__ = "facts"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Score(Base):
    """A post's sentiment, 0 (bad) to 1 (good), by one version of one model; null if unscorable."""

    __tablename__ = "scores"
    post_id: Mapped[BigId] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    score: Mapped[float | None]


class MentionLabels(Base):
    """What a post says of a provider that it names, by the last version of the rules that read it.

    `failed`: it says that this provider fails or failed.
    """

    __tablename__ = "readings"
    post_id: Mapped[BigId] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), primary_key=True)
    version: Mapped[str]
    failed: Mapped[bool]
    complaint: Mapped[bool]
    switching: Mapped[bool]
    dumber: Mapped[bool]
    relief: Mapped[bool]
    joke: Mapped[bool]
    news: Mapped[bool]
    question: Mapped[bool]
    shrug: Mapped[bool]


class HourlyCount(Base):
    """Posts of a source that mention a provider as the subject, by hour (UTC, its first instant).

    `posts` counts all, `texts` each near-copy once, `authors` each pseudonym once, `voices` those
    whose text and author are both new; `engagement` sums likes, reposts and replies.
    """

    __tablename__ = "hourly_counts"
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    posts: Mapped[int]
    texts: Mapped[int]
    authors: Mapped[int]
    voices: Mapped[int] = mapped_column(server_default="0")
    engagement: Mapped[int] = mapped_column(BigInteger)


class HourlySpeech(Base):
    """Posts of a source that name a provider in a role, by hour and language."""

    __tablename__ = "hourly_speech"
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    lang: Mapped[str] = mapped_column(primary_key=True)
    posts: Mapped[int]


class HourlyMood(Base):
    """The sentiment of the posts of an `HourlySpeech` by one version of a model: how many have a
    score, and the sum of their scores, each rounded to thousandths: the same in any order."""

    __tablename__ = "hourly_moods"
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    lang: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    scored: Mapped[int]
    mood: Mapped[int] = mapped_column(BigInteger)


class StoredResponse(Base):
    """A source's response, compressed with gzip, stored for a time so that it can be parsed again.

    `ask` and `kept` are JSON: the query, and the parser's other arguments. `changed` says what was
    wrong with its format.
    """

    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    fetched_at: Mapped[datetime] = mapped_column(index=True)
    callback: Mapped[str]
    ask: Mapped[str]
    kept: Mapped[str]
    address: Mapped[str]
    body: Mapped[bytes]
    changed: Mapped[str | None]
    __table_args__ = (Index(None, "source", "fetched_at"),)


class CrawlRun(Base):
    """One query of one crawl and its result. `ended_at` is null if the crawl did not end; `kind`
    and `why` say what was missed."""

    __tablename__ = "receipts"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    query: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answers: Mapped[int]
    posts: Mapped[int]
    refused: Mapped[int]
    kind: Mapped[str | None]
    why: Mapped[str | None]
    __table_args__ = (Index(None, "source", "started_at"),)


class Delivery(Base):
    """A report on [start, end) for a subscriber. `sending` is written before it is sent: if it
    stays, it is unknown whether it arrived. `why` says what failed, without any address."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber: Mapped[str]
    start: Mapped[datetime]
    end: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    tried_at: Mapped[datetime | None]
    why: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("subscriber", "end"),
        CheckConstraint("state in ('failed', 'sending', 'sent')", name="state"),
    )


class Lease(Base):
    """The owner of a task that only one process may do at a time, and its last heartbeat."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    beat_at: Mapped[datetime]


class JobRun(Base):
    """One run of a job of the daemon. `outcome` is done, partly, failed, timeout, memory or ended;
    null while it runs, or if it was killed with the daemon."""

    __tablename__ = "job_runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    __table_args__ = (Index(None, "job", "started_at"),)
