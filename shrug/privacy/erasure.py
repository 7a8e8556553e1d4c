"""How long posts are kept, and how they are forgotten when their author asks for it."""

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
class Forgotten:
    """How many posts and kept responses are gone, and when those posts were made."""

    posts: int
    answers: int
    times: tuple[datetime, ...]


def retain(store: Store, days: int, now: datetime, told: Callable[[int], None]) -> int:
    """Delete text and pseudonym of every post older than so many days; gives of how many.

    What stands for an author afterwards is made with a key that nobody keeps: voices of an hour
    stay told apart, and lead to nobody.
    """
    before = now - timedelta(days=days)
    key = secrets.token_bytes(32)

    with store.writing() as connection:
        retention.move_horizon(connection, before)
        responses.prune(connection, before)
    number = 0
    while True:
        with store.writing() as connection:
            done = retention.blank(connection, before, lambda text: pseudonyms.stranger(key, text))
        if not done:
            return number
        number += done
        told(done)


def forget(
    store: Store,
    key_file: Path,
    source: str,
    *,
    author: str | None = None,
    post: str | None = None,
) -> Forgotten:
    """Remove a person's posts, or one post, from the store, its counts and the kept responses."""
    keys = pseudonyms.every(key_file) if author else []
    authors = [pseudonyms.pseudonym(key, source, author or "") for key in keys]
    with store.writing() as connection:
        found = retention.posts_of(connection, source, authors, post)
        ids = [id_ for id_, _ in found]
        number = storage.remove(connection, source, ids)
        words = [*ids, author or "", post or ""]
        dropped = retention.drop_answers(connection, source, words)
        retention.note_forgotten(connection, datetime.now(UTC))
    return Forgotten(number, dropped, tuple(at for _, at in found))
