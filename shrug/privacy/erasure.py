"""Deletion of posts: after the retention period, and when their author asks for it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.core.engine import Store
from db.crawl import responses
from db.posts import retention, storage
from shrug.privacy import pseudonyms


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """The number of deleted posts and stored responses, and the times of those posts."""

    posts: int
    responses: int
    times: tuple[datetime, ...]


def apply_retention(
    store: Store, days: int, now: datetime, on_progress: Callable[[int], None]
) -> int:
    """Delete text and pseudonym of posts older than `days`, and return the number of these posts.

    Pseudonyms are replaced by hashes with a key that is not stored: the authors of an hour remain
    distinct, and nobody can be identified.
    """
    before = now - timedelta(days=days)
    key = secrets.token_bytes(32)
    with store.writing() as connection:
        retention.advance_horizon(connection, before)
        responses.prune(connection, before)
    number = 0
    while True:
        with store.writing() as connection:
            done = retention.blank_posts(
                connection, before, lambda text: pseudonyms.one_way_pseudonym(key, text)
            )
        if not done:
            return number
        number += done
        on_progress(done)


def erase(
    store: Store,
    key_file: Path,
    source: str,
    *,
    author: str | None = None,
    post: str | None = None,
) -> ErasureResult:
    """Delete a person's posts, or one post, from the store, its counts and the responses."""
    keys = pseudonyms.all_keys(key_file) if author else []
    authors = [pseudonyms.pseudonym(key, source, author or "") for key in keys]
    with store.writing() as connection:
        posts = retention.posts_of(connection, source, authors, post)
        ids = [id_ for id_, _ in posts]
        number = storage.delete_posts(connection, source, ids)
        words = [*ids, author or "", post or ""]
        dropped = retention.delete_responses(connection, source, words)
        retention.record_erasure(connection, datetime.now(UTC))
    return ErasureResult(number, dropped, tuple(at for _, at in posts))
