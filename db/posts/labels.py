"""Queries on the labels of mentions (failure and acts), and on sentiment by author."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    case,
    cast,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy import String as Text
from sqlalchemy.orm import aliased
from sqlalchemy.schema import CreateTable, DropTable

from db.core.models import POST_OF_MENTION, Mention, MentionLabels, Post, Provider, Score
from db.core.upsert import upsert
from db.posts import queries

# The labels, in the order of the table's columns.
FLAGS = tuple(c.name for c in MentionLabels.__table__.columns if isinstance(c.type, Boolean))


@dataclass(frozen=True, slots=True)
class UnlabelledMention:
    """A mention that the present version of the rules has not labelled."""

    post_id: int
    provider_id: int
    provider: str
    text: str


@dataclass(frozen=True, slots=True)
class AuthorActs:
    """Numbers of one author's posts: all, with each of FLAGS, naming another provider too."""

    posts: int
    acts: tuple[int, ...]
    naming_others: int


@dataclass(frozen=True, slots=True)
class AuthorSentiment:
    """The sentiment of one author's posts: their number, sum of scores, and number of bad ones."""

    posts: int
    total: float
    bad: int


# Joins a mention's labels.
LABELS_OF_MENTION = and_(
    MentionLabels.post_id == Mention.post_id, MentionLabels.provider_id == Mention.provider_id
)
ExcludedSpans = Sequence[tuple[datetime, datetime]]


def unlabelled_keys(
    connection: Connection, version: str, after: tuple[int, int], limit: int
) -> list[tuple[int, int]]:
    """Return (post id, provider id) of mentions without labels of this version, ascending."""
    key = Mention.post_id, Mention.provider_id
    query = select(*key).where(tuple_(*key) > after, _missing(version)).order_by(*key)
    return [(post, provider) for post, provider in connection.execute(query.limit(limit))]


def unlabelled(
    connection: Connection, version: str, after: tuple[int, int], last: tuple[int, int]
) -> list[UnlabelledMention]:
    """Return mentions in (after, last], by post and provider, without labels of this version."""
    key = tuple_(Mention.post_id, Mention.provider_id)
    rows = connection.execute(
        select(Mention.post_id, Mention.provider_id, Provider.key, Post.text)
        .join(Post, POST_OF_MENTION)
        .join(Provider, Provider.id == Mention.provider_id)
        .where(key > after, key <= last, _missing(version))
        .order_by(Mention.post_id, Mention.provider_id)
    )
    return [UnlabelledMention(*row) for row in rows]


def count_unlabelled(connection: Connection, version: str) -> int:
    """Return the number of mentions without labels of this version."""
    query = select(func.count()).select_from(Mention).where(_missing(version))
    return connection.execute(query).scalar_one()


def _missing(version: str) -> ColumnElement[bool]:
    labelled = select(MentionLabels.post_id).where(
        LABELS_OF_MENTION, MentionLabels.version == version
    )
    # A post whose text was deleted keeps its labels.
    has_text = select(Post.id).where(POST_OF_MENTION, Post.text != "").correlate(Mention)
    return ~labelled.exists() & has_text.exists()


def write(connection: Connection, version: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Store labels: rows of post_id, provider_id and each of FLAGS."""
    versioned = [{**row, "version": version} for row in rows]
    keys, update = ["post_id", "provider_id"], ["version", *FLAGS]
    upsert(connection, MentionLabels, versioned, keys, update=update)


def acts_by_author(
    connection: Connection,
    provider: str,
    start: datetime,
    end: datetime,
    excluded: ExcludedSpans = (),
) -> list[AuthorActs]:
    """Return the acts of each author's labelled posts on `provider` as the subject in [start, end).

    Near-copies count once, for the first author. Posts in the spans `excluded` don't count.
    """
    first = _is_first_copy(connection, provider, start, end, excluded)
    other = aliased(Mention)
    others = select(other.post_id).where(
        other.post_id == Post.id,
        other.created_at == Post.created_at,
        other.provider_id != MentionLabels.provider_id,
    )
    rows = connection.execute(
        select(
            func.count(),
            func.sum(case((others.exists(), 1), else_=0)),
            *(func.sum(cast(getattr(MentionLabels, flag), Integer)) for flag in FLAGS),
        )
        .select_from(Post)
        .join(MentionLabels, MentionLabels.post_id == Post.id)
        .join(Provider, Provider.id == MentionLabels.provider_id)
        .where(Provider.key == provider, *first)
        .group_by(_author())
    )
    return [AuthorActs(n, tuple(flags), others) for n, others, *flags in rows]


def labelled_times(
    connection: Connection, provider: str, start: datetime, end: datetime
) -> list[tuple[datetime, bool]]:
    """Return (time, says that it failed) of the labelled posts on `provider` as the subject in
    [start, end), ascending; near-copies once."""
    first = _is_first_copy(connection, provider, start, end)
    rows = connection.execute(
        select(Post.created_at, MentionLabels.failed)
        .join(MentionLabels, MentionLabels.post_id == Post.id)
        .join(Provider, Provider.id == MentionLabels.provider_id)
        .where(Provider.key == provider, *first)
        .order_by(Post.created_at, Post.id)
    )
    return [(at, failed) for at, failed in rows]


def first_failure_times(
    connection: Connection, provider: str, start: datetime, end: datetime
) -> list[tuple[str, datetime]]:
    """Return (source, time) of each source's first post in [start, end) that says that `provider`
    failed, by source."""
    rows = connection.execute(
        select(Mention.source, func.min(Mention.created_at))
        .join(Provider, Provider.id == Mention.provider_id)
        .join(MentionLabels, LABELS_OF_MENTION)
        .where(Provider.key == provider, Mention.role == "subject", MentionLabels.failed)
        .where(Mention.created_at >= start, Mention.created_at < end)
        .where(queries.has_known_source(connection))
        .group_by(Mention.source)
        .order_by(Mention.source)
    )
    return [(source, at) for source, at in rows]


def sentiment_by_author(
    connection: Connection,
    provider: str,
    model: tuple[str, str],
    limit: float,
    start: datetime,
    end: datetime,
    excluded: ExcludedSpans = (),
) -> list[AuthorSentiment]:
    """Return the sentiment of each author's posts on `provider` as the subject in [start, end).

    model: the (name, version) whose scores count; those below `limit` are bad. Copies and spans as
    in `acts_by_author`.
    """
    first = _is_first_copy(connection, provider, start, end, excluded)
    rows = connection.execute(
        select(
            func.count(), func.sum(Score.score), func.sum(case((Score.score < limit, 1), else_=0))
        )
        .select_from(Post)
        .join(Score, Score.post_id == Post.id)
        .where(Score.model == model[0], Score.version == model[1], Score.score.is_not(None))
        .where(*first)
        .group_by(_author())
    )
    return [AuthorSentiment(n, float(total or 0), bad) for n, total, bad in rows]


def switch_targets(
    connection: Connection, provider: str, start: datetime, end: datetime
) -> list[tuple[str, int]]:
    """Return (provider, posts) that posts in [start, end) switch to, most posts first."""
    first = _first_copies(connection, provider, start, end)
    subject, other, target = aliased(Provider), aliased(Mention), aliased(Provider)
    count = func.count()
    rows = connection.execute(
        select(target.key, count)
        .select_from(MentionLabels)
        .join(subject, subject.id == MentionLabels.provider_id)
        .join(other, other.post_id == MentionLabels.post_id)
        .join(target, target.id == other.provider_id)
        .where(subject.key == provider, MentionLabels.switching, MentionLabels.post_id.in_(first))
        .where(other.provider_id != MentionLabels.provider_id, other.role == "alternative")
        .where(other.post_id.in_(first), other.created_at >= start, other.created_at < end)
        .group_by(target.key)
        .order_by(count.desc(), target.key)
    )
    return [(key, number) for key, number in rows]


def _is_first_copy(
    connection: Connection,
    provider: str,
    start: datetime,
    end: datetime,
    excluded: ExcludedSpans = (),
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a post is in [start, end) and among `_first_copies`."""
    first = _first_copies(connection, provider, start, end, excluded)
    return Post.id.in_(first), Post.created_at >= start, Post.created_at < end


def _first_copies(
    connection: Connection,
    provider: str,
    start: datetime,
    end: datetime,
    excluded: ExcludedSpans = (),
) -> Select[int]:
    """Return the ids of posts that name a provider as the subject, the first of each text.

    They are selected once per transaction and span, into a temporary table.
    """
    transaction = connection.get_transaction() or connection.begin()
    cached = connection.info.get("first copies")
    if cached is None or cached[0] is not transaction:
        cached = connection.info["first copies"] = (transaction, {})
    tables: dict[object, Table] = cached[1]
    key = (provider, start, end, tuple(excluded))
    if key not in tables:
        name = f"first_copies_{len(tables)}"
        tables[key] = _temporary_table(connection, name, _select_first_copies(connection, *key))
    return select(tables[key].c.id)


def _temporary_table(connection: Connection, name: str, rows: Select[int]) -> Table:
    """Create a temporary table of ids."""
    id_column = Column("id", BigInteger, primary_key=True)
    created = Table(name, MetaData(), id_column, prefixes=["TEMPORARY"])
    connection.execute(DropTable(created, if_exists=True))
    connection.execute(CreateTable(created))
    connection.execute(insert(created).from_select(["id"], rows))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"analyze {name}"))  # autovacuum never sees it
    return created


def _select_first_copies(
    connection: Connection, provider: str, start: datetime, end: datetime, excluded: ExcludedSpans
) -> Select[int]:
    at = Mention.created_at
    return (
        select(func.min(Mention.post_id))
        .join(Post, POST_OF_MENTION)
        .join(Provider, Provider.id == Mention.provider_id)
        .where(Provider.key == provider, Mention.role == "subject", at >= start, at < end)
        .where(queries.has_known_source(connection))
        .where(*(or_(at < a, at >= b) for a, b in excluded))
        .group_by(Post.fingerprint)
    )


def _author() -> ColumnElement[str]:
    """Return a post's author; one without counts as an author of its own."""
    return func.coalesce(Post.author, cast(Post.id, Text))
