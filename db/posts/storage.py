"""Writes of posts and their mentions, with the counts that depend on them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from db.catalog import provider_rows
from db.core import bulk
from db.core.models import Mention, MentionLabels, Post, Score
from db.core.records import NewMention, NewPost, Page
from db.core.value_lists import in_values
from db.counts import hourly, languages
from db.counts.cells import CountedPost, HourCell, hours_of
from db.crawl import coverage, cursors
from db.posts import retention

UPDATED_COLUMNS = ["text", "lang", "fingerprint", "likes", "reposts", "replies", "url", "author"]
POST_COLUMNS = ["external_id", "created_at", "reply_to", *UPDATED_COLUMNS]
MENTION_COLUMNS = ("post_id", "provider_id", "role", "source", "created_at")
# The values of MENTION_COLUMNS.
MentionRow = tuple[int, int, str, str, datetime]
# Provider id and role.
MentionKeys = set[tuple[int, str]]


def store_page(connection: Connection, page: Page, posts: Sequence[NewPost]) -> int:
    """Store a page: its posts, their mentions and counts, the cursor and the coverage.

    Must run inside one `Store.writing()`; returns the number of new posts.
    """
    delete_posts(connection, page.source, page.deleted)
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
    stored = _stored_posts(connection, source, list(unique))
    provider_ids = provider_rows.ids(connection)
    _update(connection, source, unique, stored, provider_ids)
    new = [post for key, post in unique.items() if key not in stored]
    if new:
        _insert(connection, source, new, provider_ids)
    return len(new)


def _insert(
    connection: Connection, source: str, posts: Sequence[NewPost], provider_ids: Mapping[str, int]
) -> None:
    """Store new posts and count them."""
    ids = bulk.new_ids(connection, Post, len(posts))
    columns = {name: list(map(attrgetter(name), posts)) for name in POST_COLUMNS}
    bulk.insert(connection, Post, {"id": ids, "source": [source] * len(ids), **columns})
    mentions: list[MentionRow] = []
    language_keys: list[tuple[int, str, datetime, str, str]] = []
    by_cell: dict[HourCell, list[CountedPost]] = defaultdict(list)
    hours = hours_of(columns["created_at"])
    for id_, post, hour, counted in zip(ids, posts, hours, _counted(columns), strict=True):
        for mention in post.mentions:
            provider, role = provider_ids[mention.provider], mention.role
            mentions.append((id_, provider, role, source, post.created_at))
            language_keys.append((provider, source, hour, role, post.lang))
            if role == "subject":
                by_cell[provider, source, hour].append(counted)
    if mentions:
        _insert_mentions(connection, mentions)
        hourly.add_posts(connection, by_cell)
        languages.add_mentions(connection, language_keys)


def _counted(columns: Mapping[str, Sequence[Any]]) -> Iterator[CountedPost]:
    reactions = zip(columns["likes"], columns["reposts"], columns["replies"], strict=True)
    engagement = [sum(filter(None, numbers)) for numbers in reactions]
    names = ("created_at", "external_id", "fingerprint", "author")
    return zip(*(columns[name] for name in names), engagement, strict=True)


def _insert_mentions(connection: Connection, rows: Sequence[MentionRow]) -> None:
    columns = dict(zip(MENTION_COLUMNS, zip(*rows, strict=True), strict=True))
    bulk.insert(connection, Mention, columns)


def _update(
    connection: Connection,
    source: str,
    posts: Mapping[str, NewPost],
    stored: Mapping[str, Row[Any]],
    provider_ids: Mapping[str, int],
) -> None:
    """Update stored posts that their source has changed since."""
    mentions = _stored_mentions(connection, [row.id for row in stored.values()])
    changed = {
        row.id: posts[key]
        for key, row in stored.items()
        if any(getattr(posts[key], name) != getattr(row, name) for name in UPDATED_COLUMNS)
        or _mention_keys(posts[key].mentions, provider_ids) != mentions[row.id]
    }
    if not changed:
        return
    before = {row.id: row for row in stored.values()}
    edited = [id_ for id_, post in changed.items() if before[id_].text != post.text]
    with _recounting(connection, list(changed)):
        # An edited text must be scored and labelled again.
        for table in (Score, MentionLabels) if edited else ():
            connection.execute(delete(table).where(in_values(table.post_id, edited)))
        rows = [
            {"stored_id": id_, **{name: getattr(post, name) for name in UPDATED_COLUMNS}}
            for id_, post in changed.items()
        ]
        values: dict[str, Any] = {name: bindparam(name) for name in UPDATED_COLUMNS}
        statement = update(Post).where(Post.id == bindparam("stored_id")).values(values)
        connection.execute(statement, rows)
        # The stored time stays, even if the source has changed it.
        mention_rows = [
            (id_, provider_ids[m.provider], m.role, source, before[id_].created_at)
            for id_, post in changed.items()
            for m in post.mentions
        ]
        _replace_mentions(connection, list(changed), mention_rows)


@contextmanager
def _recounting(connection: Connection, ids: Sequence[int]) -> Iterator[None]:
    """Keep the counts of these posts true while they are changed inside."""
    cells = hourly.cells_of(connection, ids)
    languages.add(connection, ids, -1)
    yield
    languages.add(connection, ids)
    # Both the cells that the posts counted in and those that they count in now.
    hourly.recount(connection, cells | hourly.cells_of(connection, ids))


def delete_posts(connection: Connection, source: str, external_ids: Sequence[str]) -> int:
    """Delete posts with their mentions, scores, labels and counts; return their number."""
    ids = [row.id for row in _stored_posts(connection, source, external_ids).values()]
    if not ids:
        return 0
    with _recounting(connection, ids):
        for table in (Mention, Score, MentionLabels):
            connection.execute(delete(table).where(in_values(table.post_id, ids)))
        connection.execute(delete(Post).where(in_values(Post.id, ids)))
    return len(ids)


def change_mentions(connection: Connection, mentions: Mapping[int, Sequence[NewMention]]) -> int:
    """Replace the mentions of posts, given by the posts' ids; return how many posts changed."""
    provider_ids, stored = provider_rows.ids(connection), _stored_mentions(connection, [*mentions])
    keys = {id_: _mention_keys(new, provider_ids) for id_, new in mentions.items()}
    changed = [id_ for id_ in mentions if keys[id_] != stored[id_]]
    if not changed:
        return 0
    query = select(Post.id, Post.source, Post.created_at).where(in_values(Post.id, changed))
    rows = [
        (id_, provider, role, source, at)
        for id_, source, at in connection.execute(query)
        for provider, role in sorted(keys[id_])
    ]
    with _recounting(connection, changed):
        _replace_mentions(connection, changed, rows)
    return len(changed)


def _mention_keys(mentions: Sequence[NewMention], provider_ids: Mapping[str, int]) -> MentionKeys:
    return {(provider_ids[m.provider], m.role) for m in mentions}


def _stored_posts(
    connection: Connection, source: str, external_ids: Sequence[str]
) -> dict[str, Row[Any]]:
    """Return those of these posts that are stored, by external id."""
    if not external_ids:
        return {}
    columns = [getattr(Post, name) for name in UPDATED_COLUMNS]
    query = select(Post.id, Post.external_id, Post.created_at, *columns)
    query = query.where(Post.source == source, in_values(Post.external_id, external_ids))
    return {row.external_id: row for row in connection.execute(query)}


def _stored_mentions(connection: Connection, ids: Sequence[int]) -> dict[int, MentionKeys]:
    mentions: dict[int, MentionKeys] = {id_: set() for id_ in ids}
    if not ids:
        return mentions
    query = select(Mention.post_id, Mention.provider_id, Mention.role)
    for id_, provider, role in connection.execute(query.where(in_values(Mention.post_id, ids))):
        mentions[id_].add((provider, role))
    return mentions


def _replace_mentions(
    connection: Connection, ids: Sequence[int], rows: Sequence[MentionRow]
) -> None:
    connection.execute(delete(Mention).where(in_values(Mention.post_id, ids)))
    if rows:
        _insert_mentions(connection, rows)
