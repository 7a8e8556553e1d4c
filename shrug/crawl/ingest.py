"""From a page as read to a page as kept; one path for crawls and imports."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from crawler.items import Ask, Asked, Item, Outages, Trouble
from db.core.engine import Store
from db.core.records import NewMention, NewPost, Page, RawPost, Snapshot, VolumePage
from db.crawl import boards, outages, responses, runs, volumes
from db.crawl.runs import Outcome
from db.posts import storage
from shrug.crawl import response_records
from shrug.crawl.enrichment import Preparing, Told

_ID_LENGTH = 500
_URL_LENGTH = 2000


class Ingest:
    """Keeps pages, snapshots and outages, each whole, and counts what came and what did not.

    shared: other crawlers may have begun what this one keeps.
    """

    def __init__(
        self,
        store: Store,
        key_file: Path,
        told: Callable[[], None] = lambda: None,
        keep_answers: timedelta = timedelta(0),
        shared: bool = False,
    ) -> None:
        self._store = store
        self._preparing = Preparing(key_file)
        self._told = told
        self._keep_answers = keep_answers
        self._shared = shared
        self.new_posts = 0
        self.seen_posts = 0
        self.snapshots = 0
        self.outages = 0
        self.refused: list[str] = []
        self.troubles: list[Trouble] = []
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self._receipts: dict[tuple[str, str], int] = {}

    def begin(self, asks: Sequence[Ask]) -> None:
        """Open a receipt for every query that is about to be asked."""
        with self._store.writing() as connection:
            for ask in asks:
                id_ = runs.begin(connection, ask.source, ask.query, datetime.now(UTC))
                self._receipts[ask.source, ask.query] = id_

    def end(self) -> None:
        """Complete the receipts, and drop answers that are past their time."""
        now = datetime.now(UTC)
        with self._store.writing() as connection:
            for key, id_ in self._receipts.items():
                runs.end(connection, id_, now, self._outcome(*key))
            if self._shared:
                for key in self._outcomes.keys() - self._receipts.keys():
                    runs.end_elsewhere(connection, *key, now, self._outcomes[key])
            responses.prune(connection, now - self._keep_answers)

    def _outcome(self, source: str, query: str) -> Outcome:
        """What a query came to: where it was never asked, what its source's control came to."""
        own = self._outcomes.get((source, query))
        before = (
            outcome
            for key, outcome in self._outcomes.items()
            if key[0] == source and key not in self._receipts and outcome.kind
        )
        return own or next(before, Outcome())

    def begin_item(self, item: Item) -> Future[list[Told]] | None:
        """Begin what can be done for an item before its turn to be kept comes, if anything."""
        return self._preparing.begin(item.source, item.posts) if isinstance(item, Page) else None

    def keep(self, item: Item, begun: Future[list[Told]] | None = None) -> None:
        """Store an item in one transaction, or note the trouble that it is. begun: what
        `begin_item` gave for it."""
        if isinstance(item, Trouble):
            self.troubles.append(item)
            self._note(item.source, item.query, kind=item.kind, why=item.why)
        elif isinstance(item, Page):
            self._keep_page(item, begun)
        elif isinstance(item, VolumePage):
            with self._store.writing() as connection:
                volumes.store(connection, item)
            self._note(item.source, item.query, refused=len(item.refused))
            self.refused += [f"{item.source} {item.query}: {why}" for why in item.refused]
        elif isinstance(item, Asked):
            self._note(item.ask.source, item.ask.query, answers=1)
            self._keep_answer(item)
        elif isinstance(item, Snapshot):
            with self._store.writing() as connection:
                self.snapshots += boards.store(connection, [item])
        elif isinstance(item, Outages):
            with self._store.writing() as connection:
                self.outages += outages.add(connection, item.outages)
                if item.open_of:
                    going_on = [o.external_id for o in item.outages]
                    now = datetime.now(UTC).replace(microsecond=0)
                    outages.end_others(connection, "statuspage", item.open_of, going_on, now)
            self.refused += [f"{item.source}: {why}" for why in item.refused]
        self._told()

    def _keep_page(self, page: Page, begun: Future[list[Told]] | None) -> None:
        prepared = self.prepare(page.source, page.posts, begun)
        with self._store.writing() as connection:
            self.new_posts += storage.store_page(connection, page, prepared)
        self.seen_posts += len(prepared)
        self._note(page.source, page.query, posts=len(prepared), refused=len(page.refused))
        self.refused += [f"{page.source} {page.query}: {why}" for why in page.refused]

    def _keep_answer(self, item: Asked) -> None:
        # What changed its form is kept in any case: a mended reader will want it.
        if self._keep_answers or item.changed is not None:
            with self._store.writing() as connection:
                responses.add(connection, response_records.packed(item))

    def _note(self, source: str, query: str, **more: int | str) -> None:
        """Add to what a query came to; the first thing that went wrong is the one that is told."""
        past = self._outcomes.get((source, query), Outcome())
        told = {"kind": past.kind, "why": past.why} if past.kind else {}
        numbers = {k: getattr(past, k) + v for k, v in more.items() if isinstance(v, int)}
        self._outcomes[source, query] = replace(past, **{**more, **numbers, **told})

    def prepare(
        self, source: str, raw: Sequence[RawPost], begun: Future[list[Told]] | None = None
    ) -> list[NewPost]:
        """Posts as kept: text mended, account replaced, language told, providers matched."""
        return list(map(_prepared, raw, self._preparing.now(source, raw, begun)))


def _prepared(post: RawPost, told: Told) -> NewPost:
    text, lang, fingerprint, author, mentions = told
    return NewPost(
        external_id=_storable(post.external_id)[:_ID_LENGTH] or fallback_id(post),
        created_at=post.created_at,
        text=text,
        lang=lang,
        fingerprint=fingerprint,
        author=author,
        url=_storable(post.url)[:_URL_LENGTH] if post.url else None,
        likes=post.likes,
        reposts=post.reposts,
        replies=post.replies,
        reply_to=_storable(post.reply_to)[:_ID_LENGTH] if post.reply_to else None,
        mentions=tuple(_mention(provider, role) for provider, role in mentions),
    )


@cache
def _mention(provider: str, role: str) -> NewMention:
    return NewMention(provider, role)


def fallback_id(post: RawPost) -> str:
    """An id for a post whose own is nothing but what can't be kept."""
    seed = f"{post.created_at.isoformat()}\0{post.text}".encode("utf-8", "replace")
    return hashlib.sha256(seed).hexdigest()[:32]


def _storable(text: str) -> str:
    """Text that UTF-8 and PostgreSQL can carry: no half characters, no NUL."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
