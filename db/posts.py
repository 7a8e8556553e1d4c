"""Queries on posts and what they mention."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    extract,
    func,
    select,
    tuple_,
    update,
)

from db import bulk, counts, coverage, cursors, providers, retention, speech
from db.among import among
from db.models import NAMED, Mention, Post, Provider, Reading, Score
from db.records import NewMention, NewPost, Page
from db.tallies import Arrived, Cell, hour_of, hours_of
from db.voices import Voices

CHANGING = ["text", "lang", "fingerprint", "likes", "reposts", "replies", "url", "author"]
# A mention as it is stored: post's id, provider's id, role, source, when.
Named = tuple[int, int, str, str, datetime]
TOLD = ["external_id", "created_at", "reply_to", *CHANGING]


@dataclass(frozen=True, slots=True)
class KeptPost:
    """A post as shown in a report: no account, only a pseudonym."""

    source: str
    external_id: str
    created_at: datetime
    text: str
    url: str | None
    score: float | None


def store_page(connection: Connection, page: Page, posts: Sequence[NewPost]) -> int:
    """Store a page whole: its posts, their mentions and counts, the cursor and the coverage.

    Must run inside one `Store.writing()`; gives how many posts were new.
    """
    remove(connection, page.source, page.deleted)
    new = _store_posts(connection, page.source, posts)
    if page.cursor is not None:
        cursors.write(connection, page.source, page.query, page.cursor, datetime.now(UTC))
    coverage.add(connection, page.source, page.query, page.covered)
    return new


def _store_posts(connection: Connection, source: str, posts: Sequence[NewPost]) -> int:
    horizon = retention.horizon(connection)
    unique = {p.external_id: p for p in posts if horizon is None or p.created_at >= horizon}
    if not unique:
        return 0
    kept = _kept(connection, source, list(unique))
    known = providers.ids(connection)
    _change(connection, source, unique, kept, known)
    fresh = [post for key, post in unique.items() if key not in kept]
    if fresh:
        _insert(connection, source, fresh, known)
    return len(fresh)


def _insert(
    connection: Connection, source: str, fresh: Sequence[NewPost], known: Mapping[str, int]
) -> None:
    """Store posts that are not there yet, and count them."""
    ids = bulk.new_ids(connection, Post, len(fresh))
    told = {name: list(map(attrgetter(name), fresh)) for name in TOLD}
    bulk.insert(connection, Post, {"id": ids, "source": [source] * len(ids), **told})
    mentions: list[Named] = []
    spoken: list[tuple[int, str, datetime, str, str]] = []
    by_cell: dict[Cell, list[Arrived]] = defaultdict(list)
    hours = hours_of(told["created_at"])
    for id_, post, hour, arrived in zip(ids, fresh, hours, _arrived(told), strict=True):
        for mention in post.mentions:
            provider, role = known[mention.provider], mention.role
            mentions.append((id_, provider, role, source, post.created_at))
            spoken.append((provider, source, hour, role, post.lang))
            if role == "subject":
                by_cell[provider, source, hour].append(arrived)
    if mentions:
        _insert_mentions(connection, mentions)
        counts.arrive(connection, by_cell)
        speech.arrive(connection, spoken)


def _arrived(told: Mapping[str, Sequence[Any]]) -> Iterator[Arrived]:
    """Posts as they are counted, from their columns."""
    counted = zip(told["likes"], told["reposts"], told["replies"], strict=True)
    engagement = [sum(filter(None, numbers)) for numbers in counted]
    names = ("created_at", "external_id", "fingerprint", "author")
    return zip(*(told[name] for name in names), engagement, strict=True)


def _insert_mentions(connection: Connection, rows: Sequence[Named]) -> None:
    names = ("post_id", "provider_id", "role", "source", "created_at")
    bulk.insert(connection, Mention, dict(zip(names, zip(*rows, strict=True), strict=True)))


def _change(
    connection: Connection,
    source: str,
    posts: Mapping[str, NewPost],
    kept: Mapping[str, Row[Any]],
    known: Mapping[str, int],
) -> None:
    """Bring posts that are there already to what their source says of them now."""
    named = _named(connection, [row.id for row in kept.values()])
    changed = {
        row.id: posts[key]
        for key, row in kept.items()
        if any(getattr(posts[key], name) != getattr(row, name) for name in CHANGING)
        or {(known[m.provider], m.role) for m in posts[key].mentions} != named[row.id]
    }
    if not changed:
        return
    with _changing(connection, list(changed)):
        _forget_edited(connection, changed, kept)
        rows = [{"own": id_, **{n: getattr(p, n) for n in CHANGING}} for id_, p in changed.items()]
        values: dict[str, Any] = {name: bindparam(name) for name in CHANGING}
        connection.execute(update(Post).where(Post.id == bindparam("own")).values(values), rows)
        # The store keeps the first time a post was given; a source that shifts it moves nothing.
        at = {row.id: row.created_at for row in kept.values()}
        _replace_mentions(
            connection,
            list(changed),
            [
                (id_, known[m.provider], m.role, source, at[id_])
                for id_, post in changed.items()
                for m in post.mentions
            ],
        )


@contextmanager
def _changing(connection: Connection, ids: Sequence[int]) -> Iterator[None]:
    """Whatever happens to these posts meanwhile, their counts are true afterwards."""
    cells = counts.cells_of(connection, ids)
    speech.add(connection, ids, -1)
    yield
    speech.add(connection, ids)
    # An edited post leaves cells it no longer counts in; they are recounted too.
    counts.recount(connection, cells | counts.cells_of(connection, ids))


def remove(connection: Connection, source: str, external_ids: Sequence[str]) -> int:
    """Delete posts that their source says are gone, and count them no more; gives how many."""
    kept = _kept(connection, source, external_ids)
    ids = [row.id for row in kept.values()]
    if not ids:
        return 0
    with _changing(connection, ids):
        for table in (Mention, Score, Reading):
            connection.execute(delete(table).where(among(table.post_id, ids)))
        connection.execute(delete(Post).where(among(Post.id, ids)))
    return len(ids)


def after(connection: Connection, id_: int, limit: int) -> list[tuple[int, str]]:
    """(id, text) of the posts that follow one, by id; those without a text are left out."""
    query = select(Post.id, Post.text).where(Post.id > id_, Post.text != "")
    return [(own, text) for own, text in connection.execute(query.order_by(Post.id).limit(limit))]


def rename(connection: Connection, mentions: Mapping[int, Sequence[NewMention]]) -> int:
    """Put these mentions in the place of what posts mentioned, by the posts' ids; gives of how many
    posts that changed anything."""
    known, named = providers.ids(connection), _named(connection, list(mentions))
    wanted = {id_: {(known[m.provider], m.role) for m in own} for id_, own in mentions.items()}
    changed = [id_ for id_ in mentions if wanted[id_] != named[id_]]
    if not changed:
        return 0
    query = select(Post.id, Post.source, Post.created_at).where(among(Post.id, changed))
    rows = [
        (id_, provider, role, source, at)
        for id_, source, at in connection.execute(query)
        for provider, role in sorted(wanted[id_])
    ]
    with _changing(connection, changed):
        _replace_mentions(connection, changed, rows)
    return len(changed)


def _forget_edited(
    connection: Connection, changed: Mapping[int, NewPost], kept: Mapping[str, Row[Any]]
) -> None:
    """Drop what was found in texts that have changed since: they are scored and read anew."""
    before = {row.id: row.text for row in kept.values()}
    edited = [id_ for id_, post in changed.items() if before[id_] != post.text]
    if edited:
        connection.execute(delete(Score).where(among(Score.post_id, edited)))
        connection.execute(delete(Reading).where(among(Reading.post_id, edited)))


def _kept(connection: Connection, source: str, external_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """What is there already of these posts, by the id that their source gives them."""
    if not external_ids:
        return {}
    columns = [getattr(Post, name) for name in CHANGING]
    query = select(Post.id, Post.external_id, Post.created_at, *columns)
    own = Post.source == source, among(Post.external_id, external_ids)
    return {row.external_id: row for row in connection.execute(query.where(*own))}


def _named(connection: Connection, ids: Sequence[int]) -> dict[int, set[tuple[int, str]]]:
    """(provider id, role) that each post names."""
    found: dict[int, set[tuple[int, str]]] = {id_: set() for id_ in ids}
    if not ids:
        return found
    query = select(Mention.post_id, Mention.provider_id, Mention.role)
    for id_, provider, role in connection.execute(query.where(among(Mention.post_id, ids))):
        found[id_].add((provider, role))
    return found


def _replace_mentions(
    connection: Connection,
    ids: Sequence[int],
    rows: Sequence[Named],
) -> None:
    connection.execute(delete(Mention).where(among(Mention.post_id, ids)))
    if rows:
        _insert_mentions(connection, rows)


def times(
    connection: Connection,
    provider: str,
    source: str,
    start: datetime,
    end: datetime,
    hours: Sequence[int] | None = None,
) -> list[tuple[datetime, bool]]:
    """When posts that name `provider` as the subject were made, ascending, and whether each is a
    voice of its hour that was not heard yet.

    With `hours`, only those made in these hours of the day (UTC).
    """
    query = (
        select(Mention.created_at, Post.fingerprint, Post.author, Post.external_id)
        .join(Post, NAMED)
        .join(Provider, Mention.provider_id == Provider.id)
        .where(Provider.key == provider, Mention.role == "subject", Mention.source == source)
        .where(Mention.created_at >= start, Mention.created_at < end)
        .order_by(Mention.created_at)
    )
    if hours is not None:
        query = query.where(extract("hour", Mention.created_at).in_(hours))
    found: list[tuple[datetime, bool]] = []
    for _, own in groupby(connection.execute(query), lambda row: hour_of(row[0])):
        voices = Voices()
        # In the order in which counts hear them, which no database's collation changes.
        ordered = sorted(own, key=itemgetter(0, 3))
        found += [(at, voices.new(fingerprint, author)) for at, fingerprint, author, _ in ordered]
    return found


def total(connection: Connection, source: str, start: datetime, end: datetime) -> int:
    """Posts of a source on whatever provider: the control for a low count."""
    return connection.execute(
        select(func.count(Post.id)).where(
            Post.source == source, Post.created_at >= start, Post.created_at < end
        )
    ).scalar_one()


def sources(connection: Connection) -> list[str]:
    """Every source that the store holds posts of, by name; each is looked up in the index."""
    names: list[str] = []
    while True:
        query = select(func.min(Post.source))
        last = connection.execute(query.where(Post.source > names[-1]) if names else query).scalar()
        if last is None:
            return names
        names.append(last)


def on_any_source(connection: Connection) -> ColumnElement[bool]:
    """A condition that every mention meets, so that times are looked up in the index, source by
    source, rather than in all that names a provider."""
    return Mention.source.in_(sources(connection))


def sample(
    connection: Connection,
    provider: str,
    start: datetime,
    end: datetime,
    limit: int,
    models: Sequence[tuple[str, str]] = (),
) -> list[KeptPost]:
    """Posts behind a figure: those with most engagement first, near-copies once; with the score
    of whichever of `models` (name, version) scores their language."""
    engagement = (
        func.coalesce(Post.likes, 0)
        + func.coalesce(Post.reposts, 0)
        + func.coalesce(Post.replies, 0)
    )
    score = (
        select(func.max(Score.score))
        .where(Score.post_id == Post.id, tuple_(Score.model, Score.version).in_(models))
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            Post.source,
            func.min(Post.external_id),
            func.min(Post.created_at),
            func.min(Post.text),
            func.min(Post.url),
            func.max(score),
        )
        .join(Mention, NAMED)
        .join(Provider, Mention.provider_id == Provider.id)
        .where(Provider.key == provider, Mention.role == "subject", Post.text != "")
        .where(Mention.created_at >= start, Mention.created_at < end)
        .where(on_any_source(connection))
        .group_by(Post.source, Post.fingerprint)
        .order_by(func.max(engagement).desc(), func.min(Post.created_at), Post.source)
        .limit(limit)
    )
    return [KeptPost(*row) for row in rows]


def unscored_part(
    connection: Connection, langs: Sequence[str], model: str, version: str, after: int, limit: int
) -> tuple[int | None, int]:
    """Of the next so many posts that `unscored` would give: the last id (None: there are none), and
    how many there are."""
    ids = select(Post.id).where(Post.id > after, *_unscored(langs, model, version))
    own = ids.order_by(Post.id).limit(limit).subquery()
    last, number = connection.execute(select(func.max(own.c.id), func.count())).one()
    return last, number


def unscored(
    connection: Connection, langs: Sequence[str], model: str, version: str, after: int, last: int
) -> list[tuple[int, str]]:
    """(post id, text) of posts with ids in (after, last] that mention a provider and lack this
    model's score, by id."""
    query = select(Post.id, Post.text).where(Post.id > after, Post.id <= last)
    query = query.where(*_unscored(langs, model, version)).order_by(Post.id)
    return [(id_, text) for id_, text in connection.execute(query)]


def count_unscored(connection: Connection, langs: Sequence[str], model: str, version: str) -> int:
    """How many posts mention a provider and lack this model's score."""
    query = select(func.count(Post.id)).where(*_unscored(langs, model, version))
    return connection.execute(query).scalar_one()


def _unscored(langs: Sequence[str], model: str, version: str) -> list[ColumnElement[bool]]:
    scored = select(Score.post_id).where(
        Score.post_id == Post.id, Score.model == model, Score.version == version
    )
    named = select(Mention.post_id).where(NAMED).correlate(Post)
    return [Post.lang.in_(langs), named.exists(), ~scored.exists(), Post.text != ""]


def extents(
    connection: Connection, start: datetime, end: datetime
) -> list[tuple[str, int, datetime, datetime]]:
    """(source, posts, first, last) of the posts in [start, end)."""
    rows = connection.execute(
        select(
            Post.source, func.count(Post.id), func.min(Post.created_at), func.max(Post.created_at)
        )
        .where(Post.created_at >= start, Post.created_at < end)
        .group_by(Post.source)
        .order_by(Post.source)
    )
    return [(source, posts, first, last) for source, posts, first, last in rows]
