"""Queries on posts and what they mention."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    select,
    update,
)

from db.catalog import provider_rows
from db.core import bulk
from db.core.models import Mention, Post, Reading, Score
from db.core.records import NewMention, NewPost, Page
from db.core.value_lists import among
from db.counts import hourly, languages
from db.counts.cells import Arrived, Cell, hours_of
from db.crawl import coverage, cursors
from db.posts import retention

CHANGING = ["text", "lang", "fingerprint", "likes", "reposts", "replies", "url", "author"]
# A mention as it is stored: post's id, provider's id, role, source, when.
Named = tuple[int, int, str, str, datetime]
TOLD = ["external_id", "created_at", "reply_to", *CHANGING]


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
    known = provider_rows.ids(connection)
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
        hourly.arrive(connection, by_cell)
        languages.arrive(connection, spoken)


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
    cells = hourly.cells_of(connection, ids)
    languages.add(connection, ids, -1)
    yield
    languages.add(connection, ids)
    # An edited post leaves cells it no longer counts in; they are recounted too.
    hourly.recount(connection, cells | hourly.cells_of(connection, ids))


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


def rename(connection: Connection, mentions: Mapping[int, Sequence[NewMention]]) -> int:
    """Put these mentions in the place of what posts mentioned, by the posts' ids; gives of how many
    posts that changed anything."""
    known, named = provider_rows.ids(connection), _named(connection, list(mentions))
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
