"""From a page as read to a page as kept; one path for crawls and imports."""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

from analysis.language import detect
from analysis.text import clean, fingerprint
from crawler.items import Item, Outages, Trouble
from db import boards, outages, posts
from db.engine import Store
from db.records import NewMention, NewPost, Page, RawPost, Snapshot
from shrug.matching import matcher
from shrug.settings import pseudonym_key

_ID_LENGTH = 500
_URL_LENGTH = 2000


class Ingest:
    """Keeps pages, snapshots and outages, each whole, and counts what came and what did not."""

    def __init__(
        self, store: Store, key_file: Path, told: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._key_file = key_file
        self._told = told
        self.new_posts = 0
        self.seen_posts = 0
        self.snapshots = 0
        self.outages = 0
        self.refused: list[str] = []
        self.troubles: list[Trouble] = []

    def keep(self, item: Item) -> None:
        """Store an item in one transaction, or note the trouble that it is."""
        if isinstance(item, Trouble):
            self.troubles.append(item)
        elif isinstance(item, Page):
            self._keep_page(item)
        elif isinstance(item, Snapshot):
            with self._store.writing() as connection:
                self.snapshots += boards.store(connection, [item])
        elif isinstance(item, Outages):
            with self._store.writing() as connection:
                self.outages += outages.add(connection, item.outages)
            self.refused += [f"{item.source}: {why}" for why in item.refused]
        self._told()

    def _keep_page(self, page: Page) -> None:
        prepared = [self.prepare(page.source, post) for post in page.posts]
        with self._store.writing() as connection:
            self.new_posts += posts.store_page(connection, page, prepared)
        self.seen_posts += len(prepared)
        self.refused += [f"{page.source} {page.query}: {why}" for why in page.refused]

    def prepare(self, source: str, post: RawPost) -> NewPost:
        """A post as kept: text mended, account replaced, language told, providers matched."""
        text = clean(post.text)
        found = matcher().find(text)
        return NewPost(
            external_id=_storable(post.external_id)[:_ID_LENGTH] or fallback_id(post),
            created_at=post.created_at,
            text=text,
            lang=detect(text),
            fingerprint=fingerprint(text),
            author=self._pseudonym(source, post.author),
            url=_storable(post.url)[:_URL_LENGTH] if post.url else None,
            likes=post.likes,
            reposts=post.reposts,
            replies=post.replies,
            reply_to=_storable(post.reply_to)[:_ID_LENGTH] if post.reply_to else None,
            mentions=tuple(NewMention(m.provider, m.role) for m in found),
        )

    def _pseudonym(self, source: str, author: str | None) -> str | None:
        if not author:
            return None
        key = pseudonym_key(self._key_file)
        message = f"{source}\0{author}".encode("utf-8", "replace")
        return hmac.new(key, message, hashlib.sha256).hexdigest()[:16]


def fallback_id(post: RawPost) -> str:
    """An id for a post whose own is nothing but what can't be kept."""
    seed = f"{post.created_at.isoformat()}\0{post.text}".encode("utf-8", "replace")
    return hashlib.sha256(seed).hexdigest()[:32]


def _storable(text: str) -> str:
    """Text that UTF-8 and PostgreSQL can carry: no half characters, no NUL."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
