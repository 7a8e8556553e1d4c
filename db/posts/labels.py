"""Queries on what posts do and how they feel, author by author."""

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
    TableClause,
    and_,
    case,
    cast,
    column,
    func,
    insert,
    or_,
    select,
    table,
    text,
    tuple_,
)
from sqlalchemy import String as Text
from sqlalchemy.orm import aliased
from sqlalchemy.schema import CreateTable, DropTable

from db.core.models import NAMED, Mention, Post, Provider, Reading, Score
from db.core.upsert import upsert
from db.posts import queries

# What is told of a post, in the order of the table's columns.
FLAGS = tuple(c.name for c in Reading.__table__.columns if isinstance(c.type, Boolean))


@dataclass(frozen=True, slots=True)
class Unread:
    """A mention whose post was not read by the present rules."""

    post_id: int
    provider_id: int
    provider: str
    text: str


@dataclass(frozen=True, slots=True)
class AuthorActs:
    """What one author's posts did: how many, how many of each act (as FLAGS), how many name
    another provider."""

    posts: int
    acts: tuple[int, ...]
    others: int


@dataclass(frozen=True, slots=True)
class AuthorFeelings:
    """How one author's posts felt: how many, the sum of their scores, how many are called bad."""

    posts: int
    total: float
    bad: int


TEMPORARY = ["TEMPORARY"]
Spans = Sequence[tuple[datetime, datetime]]


def unread_keys(
    connection: Connection, version: str, after: tuple[int, int], limit: int
) -> list[tuple[int, int]]:
    """(post id, provider id) of mentions that lack a reading of this version, ascending."""
    key = Mention.post_id, Mention.provider_id
    query = select(*key).where(tuple_(*key) > after, _missing(version)).order_by(*key)
    return [(post, provider) for post, provider in connection.execute(query.limit(limit))]


def unread(
    connection: Connection, version: str, after: tuple[int, int], last: tuple[int, int]
) -> list[Unread]:
    """Mentions in (after, last], by post and provider, that lack a reading of this version."""
    key = tuple_(Mention.post_id, Mention.provider_id)
    rows = connection.execute(
        select(Mention.post_id, Mention.provider_id, Provider.key, Post.text)
        .join(Post, NAMED)
        .join(Provider, Provider.id == Mention.provider_id)
        .where(key > after, key <= last, _missing(version))
        .order_by(Mention.post_id, Mention.provider_id)
    )
    return [Unread(*row) for row in rows]


def count_unread(connection: Connection, version: str) -> int:
    """How many mentions lack a reading of this version."""
    query = select(func.count()).select_from(Mention).where(_missing(version))
    return connection.execute(query).scalar_one()


def _missing(version: str) -> ColumnElement[bool]:
    read = select(Reading.post_id).where(
        Reading.post_id == Mention.post_id,
        Reading.provider_id == Mention.provider_id,
        Reading.version == version,
    )
    # A post whose text is past its time stays as it was read.
    told = select(Post.id).where(NAMED, Post.text != "").correlate(Mention)
    return ~read.exists() & told.exists()


def write(connection: Connection, version: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Store readings: post_id, provider_id and each of FLAGS."""
    update = ["version", *FLAGS]
    whole = [{**row, "version": version} for row in rows]
    upsert(connection, Reading, whole, ["post_id", "provider_id"], update=update)


def acts(
    connection: Connection, provider: str, start: datetime, end: datetime, without: Spans = ()
) -> list[AuthorActs]:
    """What authors' posts did that name `provider` as the subject in [start, end).

    Near-copies count once, for whoever came first. Posts in the spans `without` are left out.
    Only posts that were read count.
    """
    first = _first_copies(connection, provider, start, end, without)
    other = aliased(Mention)
    others = select(other.post_id).where(
        other.post_id == Post.id,
        other.created_at == Post.created_at,
        other.provider_id != Reading.provider_id,
    )
    rows = connection.execute(
        select(
            func.count(),
            func.sum(case((others.exists(), 1), else_=0)),
            *(func.sum(cast(getattr(Reading, flag), Integer)) for flag in FLAGS),
        )
        .select_from(Post)
        .join(Reading, Reading.post_id == Post.id)
        .join(Provider, Provider.id == Reading.provider_id)
        .where(Provider.key == provider, Post.id.in_(first))
        .where(Post.created_at >= start, Post.created_at < end)
        .group_by(_author())
    )
    return [AuthorActs(n, tuple(flags), others) for n, others, *flags in rows]


def times(
    connection: Connection, provider: str, start: datetime, end: datetime
) -> list[tuple[datetime, bool]]:
    """When posts were made that name `provider` as the subject in [start, end), and whether each
    says that it failed; near-copies once, ascending."""
    first = _first_copies(connection, provider, start, end, ())
    rows = connection.execute(
        select(Post.created_at, Reading.failed)
        .join(Reading, Reading.post_id == Post.id)
        .join(Provider, Provider.id == Reading.provider_id)
        .where(Provider.key == provider, Post.id.in_(first))
        .where(Post.created_at >= start, Post.created_at < end)
        .order_by(Post.created_at, Post.id)
    )
    return [(at, failed) for at, failed in rows]


def firsts(
    connection: Connection, provider: str, start: datetime, end: datetime
) -> list[tuple[str, datetime]]:
    """(source, when) of the first post in [start, end) of each source that says that `provider`
    failed, by source."""
    rows = connection.execute(
        select(Mention.source, func.min(Mention.created_at))
        .join(Provider, Provider.id == Mention.provider_id)
        .join(
            Reading,
            and_(Reading.post_id == Mention.post_id, Reading.provider_id == Mention.provider_id),
        )
        .where(Provider.key == provider, Mention.role == "subject", Reading.failed)
        .where(Mention.created_at >= start, Mention.created_at < end)
        .where(queries.on_any_source(connection))
        .group_by(Mention.source)
        .order_by(Mention.source)
    )
    return [(source, at) for source, at in rows]


def feelings(
    connection: Connection,
    provider: str,
    model: tuple[str, str],
    limit: float,
    start: datetime,
    end: datetime,
    without: Spans = (),
) -> list[AuthorFeelings]:
    """How authors' posts felt that name `provider` as the subject in [start, end), by a model's
    (name, version) scores, calling bad what lies below `limit`. Copies and spans as in `acts`."""
    first = _first_copies(connection, provider, start, end, without)
    rows = connection.execute(
        select(
            func.count(),
            func.sum(Score.score),
            func.sum(case((Score.score < limit, 1), else_=0)),
        )
        .select_from(Post)
        .join(Score, Score.post_id == Post.id)
        .where(Score.model == model[0], Score.version == model[1], Score.score.is_not(None))
        .where(Post.id.in_(first), Post.created_at >= start, Post.created_at < end)
        .group_by(_author())
    )
    return [AuthorFeelings(n, float(total or 0), bad) for n, total, bad in rows]


def turned_to(
    connection: Connection, provider: str, start: datetime, end: datetime
) -> list[tuple[str, int]]:
    """(provider, posts) that posts turn to instead of `provider` in [start, end), most first."""
    first = _first_copies(connection, provider, start, end, ())
    subject, other, turned = aliased(Provider), aliased(Mention), aliased(Provider)
    count = func.count()
    rows = connection.execute(
        select(turned.key, count)
        .select_from(Reading)
        .join(subject, subject.id == Reading.provider_id)
        .join(other, other.post_id == Reading.post_id)
        .join(turned, turned.id == other.provider_id)
        .where(subject.key == provider, Reading.switching, Reading.post_id.in_(first))
        .where(other.provider_id != Reading.provider_id, other.role == "alternative")
        .where(other.post_id.in_(first), other.created_at >= start, other.created_at < end)
        .group_by(turned.key)
        .order_by(count.desc(), turned.key)
    )
    return [(key, number) for key, number in rows]


def _first_copies(
    connection: Connection, provider: str, start: datetime, end: datetime, without: Spans
) -> Select[int]:
    """Ids of posts that name a provider as the subject, the first of each text.

    They are looked for once in a transaction, for all that is asked of the same span.
    """
    transaction = connection.get_transaction() or connection.begin()
    known = connection.info.get("firsts")
    if known is None or known[0] is not transaction:
        known = connection.info["firsts"] = (transaction, {})
    tables: dict[object, TableClause] = known[1]
    key = (provider, start, end, tuple(without))
    if key not in tables:
        tables[key] = _kept_apart(connection, f"firsts_{len(tables)}", _firsts(connection, *key))
    return select(tables[key].c.id)


def _kept_apart(connection: Connection, name: str, rows: Select[int]) -> TableClause:
    """A temporary table of ids, which goes with the transaction."""
    apart = Table(name, MetaData(), Column("id", BigInteger, primary_key=True), prefixes=TEMPORARY)
    connection.execute(DropTable(apart, if_exists=True))
    connection.execute(CreateTable(apart))
    connection.execute(insert(apart).from_select(["id"], rows))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"analyze {name}"))  # nobody else will
    return table(name, column("id", BigInteger))


def _firsts(
    connection: Connection, provider: str, start: datetime, end: datetime, without: Spans
) -> Select[int]:
    at = Mention.created_at
    return (
        select(func.min(Mention.post_id))
        .join(Post, NAMED)
        .join(Provider, Provider.id == Mention.provider_id)
        .where(Provider.key == provider, Mention.role == "subject", at >= start, at < end)
        .where(queries.on_any_source(connection))
        .where(*(or_(at < a, at >= b) for a, b in without))
        .group_by(Post.fingerprint)
    )


def _author() -> ColumnElement[str]:
    """Whose post it is; one without an author is nobody else's."""
    return func.coalesce(Post.author, cast(Post.id, Text))
